// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports for programs that cannot choose one themselves. */
public final class FreePort {

  private FreePort() {}

  /** A port of the loopback address that nobody uses right now. */
  public static int find() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
