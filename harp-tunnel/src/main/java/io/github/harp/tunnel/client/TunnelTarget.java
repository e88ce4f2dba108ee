// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.PortRange;
import io.netty.channel.ChannelHandler;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Where a tunnel client connects a user to. */
public sealed interface TunnelTarget {

  /** Calls the one that fits. */
  void when(Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket, Consumer<InProcess> inProcess);

  /** A TCP service; the name is resolved again for each connection. */
  record Tcp(String host, int port) implements TunnelTarget {
    public Tcp {
      PortRange.ALL.require("target port", port);
    }

    @Override
    public void when(
        Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket, Consumer<InProcess> inProcess) {
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
    public void when(
        Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket, Consumer<InProcess> inProcess) {
      unixSocket.accept(this);
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * A service inside this process: the handler goes into the pipeline of the tunnel's own stream,
   * which behaves like an accepted TCP channel. No socket is involved.
   *
   * @param acceptor usually a {@link io.netty.channel.ChannelInitializer}; must be sharable
   */
  record InProcess(ChannelHandler acceptor) implements TunnelTarget {
    @Override
    public void when(
        Consumer<Tcp> tcp, Consumer<UnixSocket> unixSocket, Consumer<InProcess> inProcess) {
      inProcess.accept(this);
    }

    @Override
    public String toString() {
      return "in-process";
    }
  }
}
