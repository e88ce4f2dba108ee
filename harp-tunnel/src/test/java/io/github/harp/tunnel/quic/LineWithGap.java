// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A line to a QUIC server: the first datagram that is full of what the client has to say never
 * arrives, what the client has sent behind it does, and nothing new afterwards; the server gets the
 * last one again and again, and the client nothing any more.
 */
final class LineWithGap extends UdpLine {

  private static final int FULL = 1_000;
  private static final long AGAIN_MILLIS = 5;

  private final long most;
  private final AtomicLong behind = new AtomicLong();
  private volatile SocketAddress client = new InetSocketAddress(0);
  private volatile boolean deaf;

  /**
   * @param bytesBehindGap that come at least
   */
  LineWithGap(InetSocketAddress server, long bytesBehindGap) throws IOException {
    super(server);
    this.most = bytesBehindGap;
    start("from-client", this::passFromClient);
    start("from-server", this::passFromServer);
  }

  /** How many bytes have come behind the one that has not. */
  long behindGap() {
    return behind.get();
  }

  private void passFromClient() throws IOException, InterruptedException {
    // What it sends before it can know what is missing.
    List<DatagramPacket> full = new ArrayList<>();
    for (long bytes = 0; bytes < most + 2 * FULL; ) {
      var packet = receive(clients);
      if (packet.getLength() < FULL || isLong(packet)) {
        pass(packet);
      } else {
        full.add(packet);
        bytes += packet.getLength();
      }
    }
    deaf = true;
    for (var packet : full.subList(1, full.size())) {
      pass(packet);
      behind.addAndGet(packet.getLength());
    }
    while (true) {
      pass(full.get(full.size() - 1));
      Thread.sleep(AGAIN_MILLIS);
    }
  }

  private void pass(DatagramPacket packet) throws IOException {
    if (!packet.getSocketAddress().equals(server)) {
      client = packet.getSocketAddress();
      packet.setSocketAddress(server);
    }
    servers.send(packet);
  }

  private void passFromServer() throws IOException {
    while (true) {
      var packet = receive(servers);
      packet.setSocketAddress(client);
      if (!deaf) {
        clients.send(packet);
      }
    }
  }
}
