// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.ExAppRoute;
import io.github.harp.core.HarpException;
import io.github.harp.core.route.RouteMatch.Found;
import io.github.harp.core.route.python.Outcome;
import io.github.harp.core.route.python.PythonPattern;
import io.github.harp.core.route.python.StepBudget;
import java.util.ArrayList;
import java.util.List;

/**
 * Parsed routes, found by the literal prefixes of their patterns: a path is compared with the
 * patterns that may match it only. Thread-safe.
 */
final class RouteIndex {
  private final List<PythonPattern> patterns = new ArrayList<>();
  private final List<Found> answers = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private final PrefixTree byPrefix;

  RouteIndex(List<ExAppRoute> routes) {
    for (var route : routes) {
      try {
        patterns.add(PythonPattern.of(route.url()));
        answers.add(new Found(route.level(), route.bruteForceStatuses()));
      } catch (HarpException e) {
        skipped.add(e.getMessage());
      }
    }
    byPrefix = PrefixTree.of(patterns.stream().map(PythonPattern::prefix).toList());
  }

  List<String> skipped() {
    return List.copyOf(skipped);
  }

  /** The first route in the order of the manifest that matches, or that can't be decided. */
  RouteMatch match(String path) {
    var budget = new StepBudget();
    var first = patterns.size();
    RouteMatch answer = RouteMatch.NONE;
    var node = byPrefix;
    for (var at = 0; node != null; at++) {
      for (var number : node.numbers()) {
        if (number >= first) {
          break;
        }
        var outcome = patterns.get(number).lookingAt(path, budget);
        if (outcome != Outcome.NO) {
          first = number;
          answer = outcome == Outcome.YES ? answers.get(number) : RouteMatch.UNDECIDED;
          break;
        }
      }
      node = at < path.length() ? node.child(path.charAt(at)) : null;
    }
    return answer;
  }
}
