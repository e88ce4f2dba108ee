// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.operations.Check;
import io.github.harp.operations.Finding;
import java.util.List;

/** Says why the rest is only seen from outside. */
final class NotAskedCheck implements Check {

  private static final String NAME = "gateway";

  private final Finding finding;

  private NotAskedCheck(Finding finding) {
    this.finding = finding;
  }

  /** Nobody listens where the gateway would be asked. */
  static NotAskedCheck notRunning(String adminAddress) {
    return new NotAskedCheck(
        Finding.note(
            NAME,
            "no HaRP runs with these variables: nobody listens on " + adminAddress,
            "only what can be seen without it is examined; start it and ask again about engines,"
                + " tunnels, ExApps, bans and the public address"));
  }

  /**
   * It may run or not.
   *
   * @param why {@code is off}, or {@code 127.0.0.1:8200 belongs to another program}
   */
  static NotAskedCheck unknown(String why) {
    return new NotAskedCheck(
        Finding.warning(
            NAME,
            "HP_ADMIN_ADDRESS " + why + ": the gateway can't be asked, if it runs",
            "nothing can be said about engines, tunnels, ExApps, bans and the public address; there"
                + " is no /metrics",
            "HP_ADMIN_ADDRESS=127.0.0.1:8201 or another free address, then restart HaRP. If it is a"
                + " HaRP with another key: run the doctor with the variables that HaRP runs with"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    return List.of(finding);
  }
}
