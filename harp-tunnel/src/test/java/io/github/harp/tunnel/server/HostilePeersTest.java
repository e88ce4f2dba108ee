// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Everything that section 13 of the protocol document lists against a server and that needs no
 * login; the rest is in {@link HostileClientsTest}.
 */
@ExtendWith(StackTraces.class)
class HostilePeersTest extends UnderAttack {

  @Test
  @Tag(SILENT)
  void silence() throws Exception {
    assertClosed(connect());
  }

  @Test
  @Tag(SILENT)
  void aTlsHandshakeThatNeverEnds() throws Exception {
    List<Socket> all =
        List.of(send(0x16, 0x03, 0x01, 0x02, 0x00), send(0x17), send(0x17, 0x16, 0x03, 0x01));

    for (Socket socket : all) {
      assertClosed(socket);
    }
  }

  /** Silent before the request ends, after it, and within a frame that is to be very long. */
  @Test
  @Tag(SILENT)
  void aWebSocketThatNeverBegins() throws Exception {
    Socket asked = say(connect(), WEB_SOCKET);
    Socket framed = say(connect(), WEB_SOCKET);
    framed.getOutputStream().write(HexFormat.of().parseHex("82ff4000000000000000000000006f"));

    assertClosed(say(connect(), "GET /~!frp HTTP/1.1\r\nHost: here\r\n"));
    assertClosed(asked);
    assertClosed(framed);
  }

  @Test
  void whatIsNoRequestForWebSocket() throws Exception {
    assertClosed(say(connect(), "GET /~!frp HTTP/1.1\r\nHost: here\r\n\r\n"));
    assertClosed(say(connect(), WEB_SOCKET.replace("~!frp", "~!frpx")));
    assertClosed(say(connect(), WEB_SOCKET.replace("Version: 13", "Version: 8")));
    assertClosed(say(connect(), "GET /~!frp HTTP/1.1\r\nX: " + "y".repeat(10_000)));
  }

  @Test
  void pingsInAWebSocketWithoutEnd() throws Exception {
    Socket socket = say(connect(), WEB_SOCKET);
    byte[] ping = HexFormat.of().parseHex("898000000000");
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                socket.getOutputStream().write(ping);
              }
            })
        .isInstanceOf(IOException.class);
  }

  private static Socket say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void garbageInsteadOfTls() throws Exception {
    assertClosed(send(0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
  }

  @Test
  void aMessageOfExcessiveLength() throws Exception {
    for (long length : new long[] {10_241, Long.MAX_VALUE, -1}) {
      Socket socket = send('o');
      socket.getOutputStream().write(ByteBuffer.allocate(8).putLong(length).array());
      assertClosed(socket);
    }
  }

  @Test
  @Tag(SILENT)
  void aLoginThatComesByteByByte() throws Exception {
    Socket socket = connect();
    for (int one : new int[] {'o', 0, 0, 0, 0, 0, 0, 0, 100, '{'}) {
      socket.getOutputStream().write(one);
    }

    assertClosed(socket);
  }

  @Test
  @Tag(SILENT)
  void aSessionWithoutStreams() throws Exception {
    FrpPeer peer = peer();
    peer.connection().writeAndFlush(ping());

    await().until(() -> !peer.connection().isActive());
  }

  @Test
  @Tag(SILENT)
  void streamsBeforeLogin() throws Exception {
    FrpPeer peer = peer();
    List<Channel> opened = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      opened.add(peer.openStream().channel());
    }

    await().until(() -> opened.stream().filter(Channel::isActive).count() <= 4);
    await().until(() -> !peer.connection().isActive());
  }

  @Test
  @Tag(SILENT)
  void bytesBeforeLoginThatAreNoMessage() throws Exception {
    FrpPeer peer = peer();
    FrpPeer.Stream stream = peer.openStream();

    stream.sendRaw(new byte[200_000]);

    stream.expectEnd();
  }

  @Test
  @Tag(SILENT)
  void pingsWithoutEnd() throws Exception {
    FrpPeer peer = peer();

    for (int i = 0; i < 2_000; i++) {
      peer.connection().write(ping());
    }
    peer.connection().flush();

    await().until(() -> !peer.connection().isActive());
  }

  @Test
  @Tag(SILENT)
  void moreConnectionsThanOneAddressMayHave() throws Exception {
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < MOST_NEW_CONNECTIONS + 20; i++) {
      open.add(connect());
    }

    await()
        .untilAsserted(
            () -> assertThat(server.status().newConnections()).isBetween(1, MOST_NEW_CONNECTIONS));
    for (Socket socket : open) {
      assertClosed(socket);
    }
  }

  @Test
  void guessingTheKey() throws Exception {
    List<FrpPeer> guessers = new ArrayList<>();
    for (int i = 0; i < WRONG_KEYS_BEFORE_BAN + 1; i++) {
      FrpPeer guesser = peer();
      guessers.add(guesser);
      assertThat(guesser.login("guess " + i).error())
          .isEqualTo(
              i < WRONG_KEYS_BEFORE_BAN - 1
                  ? "the token in metadatas.token is not valid here"
                  : "banned");
    }

    assertThat(peer().login(KEY).error()).as("a ban refuses wrong keys only").isEmpty();
    for (FrpPeer guesser : guessers) {
      await().until(() -> !guesser.connection().isActive());
    }
  }

  @Test
  @Tag(SILENT)
  void bannedAddressesHoldFewConnections() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      open.add(connect());
    }

    await()
        .untilAsserted(
            () -> assertThat(server.status().newConnections()).isBetween(1, MOST_IF_BANNED));
    for (Socket socket : open) {
      assertClosed(socket);
    }
  }

  @Test
  @DisplayName("S9: idle sockets of a banned address do not lock out the right key from there")
  void s9_idleSocketsDoNotLockOutTheRightKey() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    for (int i = 0; i < 4 * MOST_IF_BANNED; i++) {
      connect();
    }
    await().until(() -> server.status().newConnections() == MOST_IF_BANNED);

    assertThat(peer().login(KEY).error()).isEmpty();
  }

  @Test
  @DisplayName(
      "S9: half a handshake and refused logins of a banned address do not lock it out either")
  void s9_halfHandshakesAndRefusedLoginsDoNotLockOutTheRightKey() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    List<FrpPeer> guessers = new ArrayList<>();
    for (int i = 0; i < MOST_IF_BANNED; i++) {
      FrpPeer guesser = peer();
      guesser.sendLogin("wrong");
      guessers.add(guesser);
    }
    await().until(() -> failures.get() == WRONG_KEYS_BEFORE_BAN + MOST_IF_BANNED);
    assertThat(peer().login(KEY).error()).isEmpty();

    for (int i = 0; i < 2 * MOST_IF_BANNED; i++) {
      send(0x16, 0x03, 0x01);
    }
    await().until(() -> server.status().newConnections() == MOST_IF_BANNED);
    assertThat(peer().login(KEY).error()).isEmpty();
    guessers.forEach(FrpPeer::close);
  }

  @Test
  @DisplayName(
      "S9: a flood of silent connections from its address keeps nobody with the right key out")
  void s9_aFloodOfSilentConnectionsKeepsNobodyOut() throws Exception {
    failures.set(WRONG_KEYS_BEFORE_BAN);
    try (var flood = new Flood()) {
      await().until(() -> flood.opened.get() > 100);

      for (int i = 0; i < 10; i++) {
        logInWithinAMoment();
      }
    }
  }

  /** Where this machine is too slow for the moment that a flood leaves, it tries again, as frpc. */
  private void logInWithinAMoment() {
    var begun = System.nanoTime();
    for (var error = loginError(); !error.isEmpty(); error = loginError()) {
      var now = System.nanoTime();
      assertThat(Duration.ofNanos(now - begun)).as(error).isBetween(A_MOMENT, LONG_PATIENCE);
      begun = now;
    }
  }
}
