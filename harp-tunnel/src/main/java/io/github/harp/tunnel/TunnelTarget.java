// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import io.netty.channel.ChannelHandler;
import java.nio.file.Path;
import java.util.function.Function;

/** Where a tunnel client connects a user to. */
public sealed interface TunnelTarget {

  /** One of these, for each kind of target. */
  <T> T fold(
      Function<Tcp, T> tcp, Function<UnixSocket, T> unixSocket, Function<InProcess, T> inProcess);

  /** A TCP service; the name is resolved again for each connection. */
  record Tcp(String host, int port) implements TunnelTarget {
    public Tcp {
      PortRange.ALL.require("target port", port);
    }

    @Override
    public <T> T fold(
        Function<Tcp, T> tcp,
        Function<UnixSocket, T> unixSocket,
        Function<InProcess, T> inProcess) {
      return tcp.apply(this);
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** A unix socket, for instance a Docker engine's. */
  record UnixSocket(Path path) implements TunnelTarget {
    @Override
    public <T> T fold(
        Function<Tcp, T> tcp,
        Function<UnixSocket, T> unixSocket,
        Function<InProcess, T> inProcess) {
      return unixSocket.apply(this);
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
    public <T> T fold(
        Function<Tcp, T> tcp,
        Function<UnixSocket, T> unixSocket,
        Function<InProcess, T> inProcess) {
      return inProcess.apply(this);
    }

    @Override
    public String toString() {
      return "in-process";
    }
  }
}
