// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A line to a QUIC server: what the client answers to the server's part of the handshake comes
 * together with what the client says behind it, in one read of the server. Nothing of the client
 * comes later, so what the server drops of this it never gets.
 */
final class OnceTogether extends UdpLine {

  private static final int TYPE = 0x30;
  private static final int RETRY = 0x30;

  private final EventLoop serverLoop;
  private volatile SocketAddress client = new InetSocketAddress(0);
  private volatile @Nullable DatagramPacket answer;

  OnceTogether(InetSocketAddress server, EventLoop serverLoop) throws IOException {
    super(server);
    this.serverLoop = serverLoop;
    start("from-client", this::passFromClient);
    start("from-server", this::passFromServer);
  }

  private void passFromClient() throws IOException, InterruptedException {
    List<DatagramPacket> together = new ArrayList<>();
    while (true) {
      var packet = receive(clients);
      client = packet.getSocketAddress();
      packet.setSocketAddress(server);
      var answered = answer;
      if (answered == null) {
        servers.send(packet);
        continue;
      }
      if (together.isEmpty()) {
        // Our client learns from what comes next that its handshake is done; frp's knows it at
        // once.
        clients.send(answered);
      }
      together.add(packet);
      if (!isLong(packet)) {
        sendInOneRead(together);
        return;
      }
    }
  }

  private void sendInOneRead(List<DatagramPacket> together)
      throws IOException, InterruptedException {
    var waits = new CountDownLatch(1);
    var sent = new CountDownLatch(1);
    serverLoop.execute(
        () -> {
          waits.countDown();
          awaitUninterruptibly(sent);
        });
    waits.await();
    for (var packet : together) {
      servers.send(packet);
    }
    sent.countDown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void passFromServer() throws IOException {
    while (true) {
      var packet = receive(servers);
      packet.setSocketAddress(client);
      if (!isLong(packet) || (packet.getData()[0] & TYPE) != RETRY) {
        answer = packet;
      }
      clients.send(packet);
    }
  }
}
