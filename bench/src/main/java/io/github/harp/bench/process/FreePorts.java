// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/**
 * Loopback ports that nobody listens on, below the range that outgoing connections take theirs
 * from.
 */
public final class FreePorts {
  private static final int FIRST = 15_000;
  private static final int LAST = 22_999;

  private final Set<Integer> given = new HashSet<>();
  private int next = FIRST + (int) (ProcessHandle.current().pid() * 37 % (LAST - FIRST));

  /** A port that was free just now and is given out once. */
  public synchronized int take() {
    for (int tries = 0; tries <= LAST - FIRST; tries++) {
      int port = next;
      next = next == LAST ? FIRST : next + 1;
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
    throw new BenchException("no free port between " + FIRST + " and " + LAST + " on loopback");
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
