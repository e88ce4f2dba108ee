// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A line between a client and a server of QUIC that does something to what goes over it. */
abstract class UdpLine implements AutoCloseable {

  private static final int LONG_HEADER = 0x80;
  private static final int MOST_BYTES = 2_048;

  final DatagramSocket clients = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  final DatagramSocket servers = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  final InetSocketAddress server;

  UdpLine(InetSocketAddress server) throws IOException {
    this.server = server;
  }

  /** What one direction does until the line is closed. */
  interface Passing {
    void run() throws IOException, InterruptedException;
  }

  static void start(String name, Passing passing) {
    var thread =
        new Thread(
            () -> {
              try {
                passing.run();
              } catch (IOException | InterruptedException closed) {
                // So it ends.
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Where clients dial. */
  InetSocketAddress address() {
    return (InetSocketAddress) clients.getLocalSocketAddress();
  }

  static DatagramPacket receive(DatagramSocket from) throws IOException {
    var packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
    from.receive(packet);
    return packet;
  }

  /** Whether it is of a handshake. */
  static boolean isLong(DatagramPacket packet) {
    return (packet.getData()[0] & LONG_HEADER) != 0;
  }

  @Override
  public void close() {
    clients.close();
    servers.close();
  }
}
