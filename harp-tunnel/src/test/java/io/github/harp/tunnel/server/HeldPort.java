// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of loopback that nobody gets by chance: the system chooses it for no other socket while
 * this one is bound to it, and whoever names it may listen there.
 */
record HeldPort(Socket holder) implements AutoCloseable {

  static HeldPort any() {
    var holder = new Socket();
    try {
      holder.setReuseAddress(true);
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new HeldPort(holder);
  }

  int number() {
    return holder.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    holder.close();
  }
}
