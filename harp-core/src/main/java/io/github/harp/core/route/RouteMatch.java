// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.AccessLevel;
import java.util.HashSet;
import java.util.Set;

/** What the routes of an ExApp say about a path. */
public sealed interface RouteMatch {

  /**
   * A route covers it.
   *
   * @param level who may use it
   * @param bruteForceStatuses answers of the ExApp that count as a failed attempt
   */
  record Found(AccessLevel level, Set<Integer> bruteForceStatuses) implements RouteMatch {}

  /** No route covers it. */
  record None() implements RouteMatch {}

  /** A pattern could not be decided within its limits: the path must be refused. */
  record Undecided() implements RouteMatch {}

  RouteMatch NONE = new None();
  RouteMatch UNDECIDED = new Undecided();

  /**
   * What holds when both must: the higher level, all statuses, and none or undecided before that.
   */
  default RouteMatch and(RouteMatch other) {
    if (this == other) {
      return this;
    }
    if (this instanceof Found mine && other instanceof Found its) {
      var statuses = new HashSet<>(mine.bruteForceStatuses());
      statuses.addAll(its.bruteForceStatuses());
      return new Found(mine.level().includes(its.level()) ? mine.level() : its.level(), statuses);
    }
    if (this instanceof Undecided || other instanceof Undecided) {
      return UNDECIDED;
    }
    return NONE;
  }

  /** The same, unless no route covers the other. */
  default RouteMatch andIfAny(RouteMatch other) {
    return other instanceof None ? this : and(other);
  }
}
