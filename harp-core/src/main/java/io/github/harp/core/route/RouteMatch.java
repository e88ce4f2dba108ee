// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.AccessLevel;
import java.util.HashSet;
import java.util.Set;

/** What the routes of an ExApp say about a path. */
public sealed interface RouteMatch {

  RouteMatch NONE = new None();
  RouteMatch UNDECIDED = new Undecided();

  /** What is to be had of each answer. */
  interface Cases<T> {

    T found(Found route);

    T none();

    T undecided();
  }

  <T> T match(Cases<T> cases);

  /**
   * What holds when both must: the higher level, all statuses, and none or undecided before that.
   */
  RouteMatch and(RouteMatch other);

  /** The same, unless no route covers the other. */
  default RouteMatch andIfAny(RouteMatch other) {
    return other.equals(NONE) ? this : and(other);
  }

  /**
   * A route covers it.
   *
   * @param level who may use it
   * @param bruteForceStatuses answers of the ExApp that count as a failed attempt
   */
  record Found(AccessLevel level, Set<Integer> bruteForceStatuses) implements RouteMatch {

    @Override
    public <T> T match(Cases<T> cases) {
      return cases.found(this);
    }

    @Override
    public RouteMatch and(RouteMatch other) {
      return other == this ? this : other.match(new Both(this));
    }
  }

  /** No route covers it. */
  record None() implements RouteMatch {

    @Override
    public <T> T match(Cases<T> cases) {
      return cases.none();
    }

    @Override
    public RouteMatch and(RouteMatch other) {
      return other.equals(UNDECIDED) ? other : this;
    }
  }

  /** A pattern could not be decided within its limits: the path must be refused. */
  record Undecided() implements RouteMatch {

    @Override
    public <T> T match(Cases<T> cases) {
      return cases.undecided();
    }

    @Override
    public RouteMatch and(RouteMatch other) {
      return this;
    }
  }

  /** What holds with this one. */
  record Both(Found mine) implements Cases<RouteMatch> {

    @Override
    public RouteMatch found(Found its) {
      var statuses = new HashSet<>(mine.bruteForceStatuses);
      statuses.addAll(its.bruteForceStatuses);
      return new Found(mine.level.includes(its.level) ? mine.level : its.level, statuses);
    }

    @Override
    public RouteMatch none() {
      return NONE;
    }

    @Override
    public RouteMatch undecided() {
      return UNDECIDED;
    }
  }
}
