// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ban.BanList;
import java.net.InetAddress;

/**
 * Who asks: how refusals are answered, and where they are counted.
 *
 * @param address the true client address
 * @param hasKey whether the shared key came along
 * @param bans the list for the kind of request
 */
record Caller(InetAddress address, boolean hasKey, BanList bans) {

  /** A ban never stops a caller with the key. */
  boolean isBanned() {
    return !hasKey && bans.isBanned(address);
  }

  Decision refuse(int status, Reason reason) {
    return new Decision.Refuse(status, false, reason, address);
  }

  Decision refuseAndCount(int status, Reason reason) {
    bans.record(address, reason.name());
    return new Decision.Refuse(status, true, reason, address);
  }

  Decision refuseAndCountUnlessKeyed(int status, Reason reason) {
    return hasKey ? refuse(status, reason) : refuseAndCount(status, reason);
  }

  Decision drop(Reason reason) {
    return new Decision.Drop(false, reason, address);
  }

  Decision dropAndCount(Reason reason) {
    bans.record(address, reason.name());
    return new Decision.Drop(true, reason, address);
  }

  Decision dropAndCountUnlessKeyed(Reason reason) {
    return hasKey ? drop(reason) : dropAndCount(reason);
  }
}
