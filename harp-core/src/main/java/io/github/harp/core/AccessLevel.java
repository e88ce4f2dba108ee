// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

/** What a route demands and what a user has; the order is the order of privilege. */
public enum AccessLevel {
  /** Everybody, also without a session. */
  PUBLIC,
  /** Any enabled Nextcloud user. */
  USER,
  /** A Nextcloud administrator. */
  ADMIN;

  /**
   * The level of a number in Nextcloud's answers.
   *
   * @throws IllegalArgumentException unless it is 0, 1 or 2
   */
  public static AccessLevel of(int number) {
    return switch (number) {
      case 0 -> PUBLIC;
      case 1 -> USER;
      case 2 -> ADMIN;
      default ->
          throw new IllegalArgumentException(
              "access_level " + number + ": expected 0 (public), 1 (user) or 2 (admin)");
    };
  }

  /** The number that Nextcloud uses. */
  public int number() {
    return ordinal();
  }

  /** Whether somebody with this level may use what demands {@code required}. */
  public boolean includes(AccessLevel required) {
    return compareTo(required) >= 0;
  }
}
