// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ban.Bans;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;

/**
 * What failures lead to.
 *
 * @param answer which of the banned are told
 * @param wrongPaths tells of callers whose failures cost them nothing
 */
record Penalties(Bans bans, BanAnswer answer, WrongPaths wrongPaths) {

  /** For how long a banned address is to wait; at least a second. */
  Duration waitOf(InetAddress client) {
    var longest =
        Collections.max(
            List.of(
                bans.users().remaining(client),
                bans.orders().remaining(client),
                bans.bySites().remaining(client)));
    return longest.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
  }
}
