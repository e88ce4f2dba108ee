// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import java.util.List;

/** Says why the rest is only seen from outside. */
final class NotAskedCheck implements Check {

  private static final String NAME = "gateway";

  private final String why;

  /**
   * @param why {@code is off}, or {@code 127.0.0.1:8200 belongs to another program}
   */
  NotAskedCheck(String why) {
    this.why = why;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    return List.of(
        Finding.warning(
            NAME,
            "HP_ADMIN_ADDRESS " + why + ": the gateway can't be asked, if it runs",
            "nothing can be said about engines, tunnels, ExApps, bans and the public address; there is no /metrics",
            "HP_ADMIN_ADDRESS=127.0.0.1:8201 or another free address, then restart HaRP. If it is a HaRP with"
                + " another key: run the doctor with the variables that HaRP runs with"));
  }
}
