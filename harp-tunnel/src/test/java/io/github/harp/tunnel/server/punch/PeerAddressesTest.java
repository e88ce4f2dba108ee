// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerAddressesTest {

  private static final List<String> MAPPED = List.of("192.0.2.1:4000", "192.0.2.1:4000");

  private static InetAddress address(String text) throws UnknownHostException {
    return InetAddress.getByName(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"})
  void whoIsElsewhereNamesNothingOnTheOthersOwnHost(String loopback) throws Exception {
    var elsewhere = address("192.0.2.1");
    assertThatThrownBy(() -> PeerAddresses.read(MAPPED, List.of(loopback), elsewhere))
        .hasMessage("address [" + loopback + "]; expected one that leads to a peer");
    assertThat(PeerAddresses.read(MAPPED, List.of(loopback), address("127.0.0.1")).own())
        .hasSize(1);
  }

  @Test
  void neighboursThatAreEqualStandOnce() throws Exception {
    var read = PeerAddresses.read(MAPPED, List.of("[2001:db8::1]:1"), address("192.0.2.1"));

    assertThat(read.mappedTexts()).containsExactly("192.0.2.1:4000");
    assertThat(read.ownTexts()).containsExactly("[2001:db8::1]:1");
  }
}
