// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

/** Hears with which routes a path is compared. */
@FunctionalInterface
public interface RouteTrials {

  /** Hears nothing. */
  RouteTrials NONE = (route, path, answer) -> {};

  /**
   * A route was looked at.
   *
   * @param path the spelling that it was compared with
   * @param answer its own, if it matches
   */
  void tried(ExAppRoute route, String path, RouteMatch answer);
}
