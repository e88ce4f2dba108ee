// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for programs that cannot choose one themselves. */
public final class FreePort {

  /**
   * Above HaRP's own, and below those that Linux gives to sockets that dial: one of these would
   * take it meanwhile.
   */
  private static final int FIRST = 25_000;

  private static final int LAST = 31_999;

  private FreePort() {}

  /** A port of the loopback address that nobody uses right now. */
  public static int find() throws IOException {
    while (true) {
      var port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException taken) {
        // There are others.
      }
    }
  }
}
