// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.server.TunnelLimits.Newcomers;
import io.github.harp.tunnel.server.TunnelLimits.Times;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Very many connections of a balancer that is believed. */
class BalancedCrowdTest extends ServerFixture {

  private static final int MOST = 20;
  private static final byte[] HEADER =
      "PROXY TCP4 198.51.100.7 192.0.2.1 443 8782\r\n".getBytes(StandardCharsets.UTF_8);

  private final List<Socket> crowd = new ArrayList<>();

  @AfterEach
  void leave() throws IOException {
    for (var one : crowd) {
      one.close();
    }
  }

  private void startBehindABalancer() throws Exception {
    start(
        options()
            .balancers(InetAddress::isLoopbackAddress)
            .limits(Limits.of(new Times(), new Newcomers(MOST, MOST, 1))));
  }

  private void come(String first) throws IOException {
    var one = new Socket(address.getAddress(), address.getPort());
    crowd.add(one);
    try {
      one.getOutputStream().write(first.getBytes(StandardCharsets.ISO_8859_1));
    } catch (SocketException madeRoom) {
      // Others have come already.
    }
  }

  private static boolean isOpen(Socket socket) {
    try {
      socket.setSoTimeout(1);
      return socket.getInputStream().read() >= 0;
    } catch (java.net.SocketTimeoutException open) {
      return true;
    } catch (IOException reset) {
      return false;
    }
  }

  /** Who holds up the balancer's connections takes no more of the process than anybody else. */
  @ParameterizedTest
  @ValueSource(strings = {"", "PROXY TCP4 198.51.100.7", "\r\n\r\n\0\r\nQUIT\n!"})
  void thoseThatDoNotSayWhoseTheyAreAreFew(String begin) throws Exception {
    startBehindABalancer();

    for (int i = 0; i < 5 * MOST; i++) {
      come(begin);
    }

    await().until(() -> crowd.stream().filter(BalancedCrowdTest::isOpen).count() == MOST);
    assertThat(server.status().newConnections()).isEqualTo(MOST);
    assertThat(FrpPeer.withoutMux(address, loops).announced(HEADER).login(KEY).error()).isEmpty();
  }

  @Test
  void thoseThatHaveSaidSoCountNoLonger() throws Exception {
    startBehindABalancer();
    var peers = new ArrayList<FrpPeer>();
    for (int i = 0; i < 2 * MOST; i++) {
      var peer = FrpPeer.withoutMux(address, loops).announced(HEADER);
      assertThat(peer.login(KEY).error()).isEmpty();
      peers.add(peer);
    }

    await().until(() -> server.status().newConnections() == 0);
    assertThat(peers).allMatch(peer -> peer.control().isOpen());
  }
}
