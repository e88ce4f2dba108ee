// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8489 and 5780, as far as frp's clients ask. */
class StunServerTest {

  private static final String ID = "0102030405060708090a0b0c";
  private static final String QUESTION = "000100002112a442" + ID;

  private final InetAddress here = InetAddress.getLoopbackAddress();
  private StunServer server;
  private InetSocketAddress address;
  private DatagramSocket client;

  @BeforeEach
  void start() throws Exception {
    server = new StunServer(new InetSocketAddress(here, 0), here);
    address = server.start().get(30, TimeUnit.SECONDS);
    client = new DatagramSocket(0, here);
    client.setSoTimeout(30_000);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private void send(String hex, InetSocketAddress to) throws IOException {
    var bytes = HexFormat.of().parseHex(hex);
    client.send(new DatagramPacket(bytes, bytes.length, to));
  }

  private byte[] receive() throws IOException {
    var packet = new DatagramPacket(new byte[100], 100);
    client.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private static int otherPort(byte[] answer) {
    return ByteBuffer.wrap(answer).getShort(38) & 0xffff;
  }

  @Test
  void aClientIsToldItsAddressAndWhereToAskAgain() throws Exception {
    send(QUESTION, address);
    var answer = receive();

    var port = "%04x".formatted(client.getLocalPort() ^ 0x2112);
    var other = "%04x".formatted(otherPort(answer));
    assertThat(HexFormat.of().formatHex(answer))
        .isEqualTo(
            "010100182112a442"
                + ID
                + ("002000080001" + port + "5e12a443")
                + ("802c00080001" + other + "7f000001"));
    send(QUESTION, new InetSocketAddress(here, otherPort(answer)));
    assertThat(otherPort(receive())).isEqualTo(address.getPort());
  }

  @Test
  void whatMayBePassedOverIs() throws Exception {
    send("000100082112a442" + ID + "8022000361626300", address);
    assertThat(receive()).hasSize(44);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0001",
        "000100002112a44201020304050607080",
        "0101000021120442" + ID,
        "010100002112a442" + ID,
        "0001000021120000" + ID,
        "000100042112a442" + ID,
        "000100082112a442" + ID + "0003000400000006",
        "000100042112a442" + ID + "8022ffff",
        "000100002112a442" + ID + "00",
      })
  void everythingElseIsDropped(String hex) throws Exception {
    send(hex.length() % 2 == 0 ? hex : hex + "0", address);
    send(QUESTION.replace(ID, "ffffffffffffffffffffffff"), address);
    assertThat(HexFormat.of().formatHex(receive())).contains("ffffffffffffffffffffffff");
  }

  @Test
  void anAddressGetsFewAnswersAndAnotherIsAnsweredMeanwhile() throws Exception {
    for (var i = 0; i < 1_000; i++) {
      send(QUESTION, address);
    }
    try (var other = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
      other.setSoTimeout(200);
      var question = HexFormat.of().parseHex(QUESTION);
      var answer = new DatagramPacket(new byte[100], 100);
      await()
          .ignoreExceptionsInstanceOf(SocketTimeoutException.class)
          .untilAsserted(
              () -> {
                // It may be lost among those that fill the socket.
                other.send(new DatagramPacket(question, question.length, address));
                other.receive(answer);
                assertThat(answer.getLength()).isEqualTo(44);
              });
    }
    client.setSoTimeout(50);
    var answers = 0;
    try {
      while (true) {
        receive();
        answers++;
      }
    } catch (SocketTimeoutException e) {
      assertThat(answers).isBetween(1, 100);
    }
  }

  @Test
  void itSpeaksIpv6() throws Exception {
    var loopback = InetAddress.getByName("::1");
    var six = new StunServer(new InetSocketAddress(loopback, 0), loopback);
    try (var socket = new DatagramSocket(0, loopback)) {
      socket.setSoTimeout(30_000);
      var question = HexFormat.of().parseHex(QUESTION);
      var to = six.start().get(30, TimeUnit.SECONDS);
      socket.send(new DatagramPacket(question, question.length, to));
      var answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      assertThat(answer.getLength()).isEqualTo(68);
      assertThat(HexFormat.of().formatHex(answer.getData(), 28, 44))
          .as("::1, masked with cookie and transaction")
          .isEqualTo("2112a442" + ID.substring(0, 22) + "0d");
    } finally {
      six.close();
    }
  }

  @Test
  void aPortThatIsTakenIsAnErrorAndNothingStaysOpen() throws Exception {
    try (var first = new DatagramSocket(0, here)) {
      var taken = new InetSocketAddress(here, first.getLocalPort());
      try (var late = new StunServer(taken, here)) {
        assertThatThrownBy(() -> late.start().sync()).hasMessageContaining("in use");
      }
    }
  }
}
