// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.frp.ServerMessage.DetectBehavior;
import io.github.harp.tunnel.frp.ServerMessage.DetectBehavior.Ports;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstructionsTest {

  private static final InetAddress SERVER = new InetSocketAddress("192.0.2.1", 1).getAddress();
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final List<String> SEEN = List.of("198.51.100.1:10", "198.51.100.1:10");
  private static final List<String> OWN = List.of("10.0.0.1:7", "10.0.0.2:7");

  private static NatHoleResp said(DetectBehavior behaviour, List<String> seen) {
    return new NatHoleResp("t", "sid", "quic", seen, OWN, behaviour, "");
  }

  private static DetectBehavior behaviour(String role, List<Ports> ports) {
    return new DetectBehavior(role, 0, 7, 3_000, 8_000, ports, 1_000, 256);
  }

  private static InetSocketAddress at(String host, int port) {
    return new InetSocketAddress(host, port);
  }

  @Test
  void aSenderTriesThePeersOwnAddressesFirst() throws Exception {
    var todo = Instructions.of(said(behaviour("sender", List.of()), SEEN), SERVER);

    assertThat(todo.sends()).isTrue();
    assertThat(todo.targets())
        .containsExactly(at("10.0.0.1", 7), at("10.0.0.2", 7), at("198.51.100.1", 10));
    assertThat(todo.guesses()).isEqualTo(1_000);
    assertThat(todo.sockets()).isZero();
  }

  @Test
  void aReceiverOpensItsNatForWhatTheOutsideSees() throws Exception {
    var todo = Instructions.of(said(behaviour("receiver", List.of()), SEEN), SERVER);

    assertThat(todo.sends()).isFalse();
    assertThat(todo.targets()).containsExactly(at("198.51.100.1", 10));
    assertThat(todo.sockets()).isEqualTo(256);
  }

  @Test
  void aReceiverThatIsToTryNeighboursTriesThoseOnly() throws Exception {
    var todo =
        Instructions.of(said(behaviour("receiver", List.of(new Ports(9, 11))), SEEN), SERVER);

    assertThat(todo.targets()).isEmpty();
    assertThat(todo.neighbours())
        .containsExactly(at("198.51.100.1", 9), at("198.51.100.1", 10), at("198.51.100.1", 11));
  }

  @Test
  void aServerThatWantsTooMuchGetsLess() throws Exception {
    var much =
        new DetectBehavior(
            "receiver",
            0,
            9_999,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            List.of(new Ports(Integer.MIN_VALUE, Integer.MAX_VALUE), new Ports(9, 3)),
            Integer.MAX_VALUE,
            Integer.MAX_VALUE);
    var seen = Collections.nCopies(1_000, "198.51.100.1:10");

    var todo = Instructions.of(said(much, seen), SERVER);

    assertThat(todo.ttl()).isEqualTo(255);
    assertThat(todo.delayMillis()).isEqualTo(15_000);
    assertThat(todo.patienceMillis()).isEqualTo(60_000);
    assertThat(todo.neighbours()).hasSize(64);
    assertThat(todo.guesses()).isEqualTo(1_000);
    assertThat(todo.sockets()).isEqualTo(256);
  }

  @Test
  void nothingIsSentToThisHostToGroupsOrToNames() throws Exception {
    var bad =
        List.of(
            "127.0.0.1:1", "0.0.0.0:1", "224.0.0.1:1", "255.255.255.255:1", "host:1", "x", ":1");
    var nowhere = said(behaviour("sender", List.of()), bad);

    assertThatThrownBy(() -> Instructions.of(nowhere, SERVER))
        .hasMessageContaining("no address that could be the peer's");
    assertThat(Instructions.of(nowhere, HERE).targets())
        .containsExactly(at("10.0.0.1", 7), at("10.0.0.2", 7), at("127.0.0.1", 1));
  }

  @Test
  void aNegativeNumberIsNone() throws Exception {
    var less = new DetectBehavior("sender", 0, -1, -1, -1, List.of(), -1, -1);

    var todo = Instructions.of(said(less, SEEN), SERVER);

    assertThat(List.of(todo.ttl(), todo.delayMillis(), todo.guesses(), todo.sockets()))
        .containsOnly(0);
    assertThat(todo.patienceMillis()).isEqualTo(5_000);
  }
}
