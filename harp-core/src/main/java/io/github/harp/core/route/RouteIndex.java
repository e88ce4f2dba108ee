// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.HarpException;
import io.github.harp.core.route.RouteMatch.Found;
import io.github.harp.core.route.python.MatchOutcome;
import io.github.harp.core.route.python.PythonPattern;
import io.github.harp.core.route.python.StepBudget;
import java.util.ArrayList;
import java.util.List;

/**
 * Parsed routes, found by the literal prefixes of their patterns: a path is compared with the
 * patterns that may match it only. Thread-safe.
 */
final class RouteIndex {
  /** How many routes one path is compared with; those whose beginning is another don't count. */
  static final int MOST_TRIED = 400;

  /**
   * How many routes are read; a path that none of them covers can't be decided when there are more.
   */
  static final int MOST_READ = 1_000;

  private final List<PythonPattern> patterns = new ArrayList<>();
  private final List<ExAppRoute> judged = new ArrayList<>();
  private final List<Found> answers = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private final PrefixTree byPrefix;
  private final RouteMatch otherwise;

  RouteIndex(List<ExAppRoute> routes) {
    for (var route : routes.subList(0, Math.min(routes.size(), MOST_READ))) {
      try {
        patterns.add(PythonPattern.of(route.url()));
        judged.add(route);
        answers.add(new Found(route.level(), route.bruteForceStatuses()));
      } catch (HarpException e) {
        skipped.add(e.getMessage());
      }
    }
    if (routes.size() > MOST_READ) {
      skipped.add(
          "found %d routes, the first %d are judged; paths that none of them covers are refused"
              .formatted(routes.size(), MOST_READ));
    }
    otherwise = routes.size() > MOST_READ ? RouteMatch.UNDECIDED : RouteMatch.NONE;
    byPrefix = PrefixTree.of(patterns.stream().map(PythonPattern::prefix).toList());
  }

  List<String> skipped() {
    return List.copyOf(skipped);
  }

  /** The first route in the order of the manifest that matches, or that can't be decided. */
  RouteMatch match(String path, StepBudget budget, RouteTrials trials) {
    var tried = 0;
    var first = patterns.size();
    var answer = otherwise;
    var node = byPrefix;
    for (var at = 0; node != null; at++) {
      for (var number : node.numbers()) {
        if (number >= first) {
          break;
        }
        if (++tried > MOST_TRIED) {
          return RouteMatch.UNDECIDED;
        }
        var its = answer(number, patterns.get(number).lookingAt(path, budget));
        trials.tried(judged.get(number), path, its);
        if (!its.equals(RouteMatch.NONE)) {
          first = number;
          answer = its;
          break;
        }
      }
      node = at < path.length() ? node.child(path.charAt(at)) : null;
    }
    return answer;
  }

  private RouteMatch answer(int number, MatchOutcome outcome) {
    return switch (outcome) {
      case YES -> answers.get(number);
      case NO -> RouteMatch.NONE;
      case UNDECIDED -> RouteMatch.UNDECIDED;
    };
  }
}
