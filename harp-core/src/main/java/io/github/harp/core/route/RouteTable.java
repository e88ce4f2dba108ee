// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.python.StepBudget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one ExApp in the order of its manifest, with their patterns, which are parsed when
 * they are first asked for.
 *
 * <p>Immutable and thread-safe; two tables are equal when their routes are.
 */
public final class RouteTable {
  private static final RouteTable EMPTY = new RouteTable(List.of());

  private final List<ExAppRoute> routes;
  private volatile @Nullable RouteIndex index;

  private RouteTable(List<ExAppRoute> routes) {
    this.routes = routes;
  }

  public static RouteTable of(List<ExAppRoute> routes) {
    return routes.isEmpty() ? EMPTY : new RouteTable(List.copyOf(routes));
  }

  public static RouteTable empty() {
    return EMPTY;
  }

  public List<ExAppRoute> routes() {
    return routes;
  }

  /** Why routes of the manifest are left out, a line each: Python would not take their patterns. */
  public List<String> skipped() {
    return index().skipped();
  }

  /**
   * What the routes say about a path in all its spellings: for each, what the first route says
   * whose pattern matches at its beginning, where what is not printable ASCII is seen
   * percent-encoded. The raw and the canonical one must both have a route; the strictest of all
   * spellings that have one decides. Takes bounded time for all of them together.
   */
  public RouteMatch match(PathForms path, RouteTrials trials) {
    return match(path, new StepBudget(StepBudget.OF_A_REQUEST), trials);
  }

  RouteMatch match(PathForms path, StepBudget budget, RouteTrials trials) {
    var match = match(path.raw(), budget, trials);
    if (path.isPlain()) {
      return match;
    }
    if (!path.canonical().equals(path.raw())) {
      match = match.and(match(path.canonical(), budget, trials));
    }
    if (!path.decoded().equals(path.canonical())) {
      match = match.andIfAny(match(path.decoded(), budget, trials));
    }
    for (var form : path.tolerated()) {
      match = match.andIfAny(match(form, budget, trials));
    }
    return match;
  }

  RouteMatch match(String path, StepBudget budget, RouteTrials trials) {
    return index().match(printable(path), budget, trials);
  }

  private RouteIndex index() {
    var made = index;
    if (made == null) {
      made = new RouteIndex(routes);
      index = made;
    }
    return made;
  }

  private static String printable(String path) {
    for (var i = 0; i < path.length(); i++) {
      if (!isPrintable(path.charAt(i))) {
        return encoded(path);
      }
    }
    return path;
  }

  private static String encoded(String path) {
    var result = new StringBuilder();
    for (var b : path.getBytes(StandardCharsets.UTF_8)) {
      if (isPrintable(b)) {
        result.append((char) b);
      } else {
        result.append(String.format("%%%02x", b));
      }
    }
    return result.toString();
  }

  private static boolean isPrintable(int c) {
    return c >= ' ' && c <= '~';
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RouteTable table && routes.equals(table.routes);
  }

  @Override
  public int hashCode() {
    return routes.hashCode();
  }

  @Override
  public String toString() {
    return routes.toString();
  }
}
