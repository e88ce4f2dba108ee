// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

/** Which way bytes go, as far as the peer that dials knows. */
public enum Course {
  UNKNOWN(""),
  STRAIGHT("straight"),
  RELAYED("through HaRP");

  private final String text;

  Course(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
