// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.net.InetAddress;

/**
 * The host's list of banned addresses.
 *
 * <p>A ban refuses only those without a valid credential, and fewer of their connections are served
 * at a time: many clients may share one address. Thread-safe; called on event loops.
 */
public interface LoginBans {

  boolean isBanned(InetAddress address);

  /** A login with a wrong credential, or a visitor without a login that has a wrong secret. */
  void recordFailure(InetAddress address, String reason);

  /** Bans nobody. */
  static LoginBans none() {
    return new LoginBans() {
      @Override
      public boolean isBanned(InetAddress address) {
        return false;
      }

      @Override
      public void recordFailure(InetAddress address, String reason) {}
    };
  }
}
