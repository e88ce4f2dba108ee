// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.carrier.SocketKind;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuicListenerTest {

  private static final int OTHER_VERSION = 0x0a0a_0a0a;

  @Test
  void listensWhereConnectionsLiveOnATransportWithoutItsSockets() throws Exception {
    // As io_uring's, which the library for QUIC has no sockets for.
    var loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    try {
      var listener = listen(loops);
      assertThat(listener.address().getPort()).isPositive();
      assertThat(listener.close().await(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatIsSmallerThanAClientsFirstDatagramGetsNoAnswer() throws Exception {
    var loops = SocketKind.best().newLoops(1, "quic-test");
    try (var client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var listener = listen(loops);
      client.connect(listener.address());
      client.setSoTimeout(30_000);

      for (var version : List.of(1, OTHER_VERSION)) {
        send(client, version, 40, 1);
        send(client, version, 1_199, 2);
        send(client, version, 1_200, 3);
        assertThat(answered(client)).isEqualTo(3);
      }
      listener.close().await();
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }

  /** For connections that nobody makes. */
  private static QuicListener listen(EventLoopGroup loops) throws Exception {
    return QuicListener.listen(
            loops.next(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            1,
            1 << 20,
            () -> {
              throw new AssertionError("nobody came");
            },
            (connection, peer) -> {})
        .get(30, TimeUnit.SECONDS);
  }

  /** The beginning of an Initial packet of RFC 9000, 17.2.2; the rest is not looked at. */
  private static void send(DatagramSocket from, int version, int bytes, int id) throws IOException {
    var packet = ByteBuffer.allocate(bytes);
    packet.put((byte) 0xc3).putInt(version);
    packet.put((byte) 8).putLong(id).put((byte) 1).put((byte) id);
    packet.put((byte) 0).putShort((short) (0x4000 | bytes - packet.position() - 2));
    from.send(new DatagramPacket(packet.array(), bytes));
  }

  /** The id of whom the next answer is for. */
  private static int answered(DatagramSocket client) throws IOException {
    var answer = new DatagramPacket(new byte[1_500], 1_500);
    client.receive(answer);
    assertThat(answer.getData()[5]).isEqualTo((byte) 1);
    return answer.getData()[6];
  }
}
