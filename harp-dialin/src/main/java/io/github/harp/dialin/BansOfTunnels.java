// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.ban.Failures;
import io.github.harp.tunnel.LoginBans;
import java.net.InetAddress;

/** The gateway's ban list in the tunnel's terms. */
record BansOfTunnels(Failures list) implements LoginBans {

  @Override
  public boolean isBanned(InetAddress address) {
    return list.isBanned(address);
  }

  @Override
  public void recordFailure(InetAddress address, String reason) {
    list.record(address, reason);
  }
}
