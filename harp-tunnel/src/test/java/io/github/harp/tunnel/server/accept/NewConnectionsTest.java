// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.LoginBans;
import io.github.harp.tunnel.TunnelLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NewConnectionsTest {

  private final NewConnections connections =
      new NewConnections(TunnelLimits.defaults(), LoginBans.none());

  @Test
  void admitsAsManyPerAddressAsAllowed() throws Exception {
    int most = TunnelLimits.defaults().newConnectionsPerAddress();
    for (int i = 0; i < most; i++) {
      assertThat(connections.admit(address("203.0.113.7"))).isNotNull();
    }

    assertThat(connections.admit(address("203.0.113.7"))).isNull();
    assertThat(connections.admit(address("203.0.113.8"))).isNotNull();
    assertThat(connections.count()).isEqualTo(most + 1);
  }

  @Test
  void countsNoLongerAfterTheEndWhichMayBeToldTwice() throws Exception {
    Runnable end = connections.admit(address("203.0.113.7"));
    connections.admit(address("203.0.113.7"));

    end.run();
    end.run();

    assertThat(connections.count()).isOne();
  }

  @Test
  @DisplayName("W29 IPv6 addresses of one /64 count as one, mapped ones as IPv4")
  void w29_ipv6AddressesCountByTheirPrefix() throws Exception {
    assertThat(AddressGroup.of(address("2001:db8:0:1::1")))
        .isEqualTo(AddressGroup.of(address("2001:db8:0:1:ffff::2")));
    assertThat(AddressGroup.of(address("2001:db8:0:1::1")))
        .isNotEqualTo(AddressGroup.of(address("2001:db8:0:2::1")));
    assertThat(AddressGroup.of(address("::ffff:203.0.113.7")))
        .isEqualTo(AddressGroup.of(address("203.0.113.7")));
    assertThat(AddressGroup.of(address("203.0.113.7")))
        .isNotEqualTo(AddressGroup.of(address("203.0.113.8")));
  }

  private static InetAddress address(String text) throws UnknownHostException {
    return InetAddress.getByName(text);
  }
}
