// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

/** The time limits, by what is waited for; the names are the administrator's. */
public enum Limit {
  NONE("none"),
  CLIENT("HP_TIMEOUT_CLIENT"),
  DECISION("decision"),
  CONNECT("HP_TIMEOUT_CONNECT"),
  SERVER("HP_TIMEOUT_SERVER"),
  UPGRADE("HP_TIMEOUT_TUNNEL"),
  HALF_CLOSED("half-closed"),
  HEARTBEAT("the limit for a heartbeat");

  private final String label;

  Limit(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
