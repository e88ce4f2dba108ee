// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.PortRange;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Where a tunnel client connects a user to. */
public sealed interface TunnelTarget {

  /** Calls the one that fits. */
  void when(Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket);

  /** A TCP service; the name is resolved again for each connection. */
  record Tcp(String host, int port) implements TunnelTarget {
    public Tcp {
      PortRange.ALL.require("target port", port);
    }

    @Override
    public void when(Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket) {
      tcp.accept(this);
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** A unix socket, for instance a Docker engine's. */
  record UnixSocket(Path path) implements TunnelTarget {
    @Override
    public void when(Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket) {
      unixSocket.accept(this);
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }
}
