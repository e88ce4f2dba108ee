// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.tunnel.TunnelListener;
import io.github.harp.tunnel.TunnelStatus;
import java.util.BitSet;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Remembers which remote ports have a tunnel, and which ever had one. Bounded by the number of
 * ports. Thread-safe.
 */
public final class OpenPorts implements TunnelListener {

  private final BitSet open = new BitSet();
  private final BitSet ever = new BitSet();

  @Override
  public synchronized void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
    if (proxy.remotePort() > 0) {
      open.set(proxy.remotePort());
      ever.set(proxy.remotePort());
    }
  }

  @Override
  public synchronized void closed(
      TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
    open.clear(proxy.remotePort());
  }

  synchronized boolean isOpen(int port) {
    return open.get(port);
  }

  /** Whether this port has been claimed by a tunnel since the start. */
  synchronized boolean wasEverOpen(int port) {
    return ever.get(port);
  }

  /** The open ports from {@code first} to {@code last}. */
  synchronized SortedSet<Integer> openBetween(int first, int last) {
    var ports = new TreeSet<Integer>();
    for (int port = open.nextSetBit(first);
        port >= 0 && port <= last;
        port = open.nextSetBit(port + 1)) {
      ports.add(port);
    }
    return ports;
  }
}
