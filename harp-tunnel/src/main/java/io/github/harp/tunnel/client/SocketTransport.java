// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * The kinds of socket that fit an event loop: epoll's on Linux where its library loads, Java's own
 * otherwise.
 */
final class SocketTransport {

  private final EventLoop loop;
  private final boolean epoll;

  private SocketTransport(EventLoop loop, boolean epoll) {
    this.loop = loop;
    this.epoll = epoll;
  }

  /**
   * @throws IllegalArgumentException if the loop is neither of epoll nor of NIO
   */
  static SocketTransport of(EventLoop loop) {
    if (loop instanceof IoEventLoop io) {
      if (io.isIoType(EpollIoHandler.class)) {
        return new SocketTransport(loop, true);
      }
      if (io.isIoType(NioIoHandler.class)) {
        return new SocketTransport(loop, false);
      }
    }
    throw new IllegalArgumentException(
        "event loop " + loop + " runs an unknown transport; expected epoll or NIO");
  }

  /** One thread, since a tunnel client has little to compute. */
  static EventLoopGroup newLoops() {
    var factory = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("tunnel-client", true), factory);
  }

  EventLoop loop() {
    return loop;
  }

  Bootstrap tcp() {
    return new Bootstrap()
        .group(loop)
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class);
  }

  Bootstrap unix() {
    return new Bootstrap()
        .group(loop)
        .channel(epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class);
  }

  SocketAddress unixAddress(Path path) {
    return epoll ? new DomainSocketAddress(path.toFile()) : UnixDomainSocketAddress.of(path);
  }
}
