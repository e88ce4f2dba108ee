// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for programs that can't choose one themselves. */
public final class UnusedPort {

  /**
   * Above HaRP's own, and below those that Linux gives to sockets that dial, and to servers that
   * want any: one of these would take it meanwhile.
   */
  private static final int FIRST = 25_000;

  private static final int LAST = 31_999;

  private UnusedPort() {}

  /** A port of the loopback address that nobody uses right now. */
  public static int find() {
    return find(InetAddress.getLoopbackAddress());
  }

  /** The same of another address of this host. */
  public static int find(InetAddress address) {
    while (true) {
      var port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      try (var socket = new ServerSocket(port, 1, address)) {
        return socket.getLocalPort();
      } catch (BindException taken) {
        // There are others.
      } catch (IOException failure) {
        throw new AssertionError("no port of " + address, failure);
      }
    }
  }
}
