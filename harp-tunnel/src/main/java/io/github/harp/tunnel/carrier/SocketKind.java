// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** The kinds of socket that fit an event loop. */
public enum SocketKind {
  /** On Linux, where its library loads. */
  EPOLL(
      EpollIoHandler.class,
      EpollServerSocketChannel.class,
      EpollSocketChannel.class,
      EpollDomainSocketChannel.class,
      EpollDatagramChannel.class),
  /** Java's own. */
  NIO(
      NioIoHandler.class,
      NioServerSocketChannel.class,
      NioSocketChannel.class,
      NioDomainSocketChannel.class,
      NioDatagramChannel.class);

  /** Before sockets are looked at again; Netty's own limit is a second. */
  private static final int MOST_MILLIS_OF_TASKS = 10;

  private final Class<? extends IoHandler> handler;
  private final Class<? extends ServerChannel> server;
  private final Class<? extends Channel> tcp;
  private final Class<? extends Channel> unix;
  private final Class<? extends DatagramChannel> udp;

  SocketKind(
      Class<? extends IoHandler> handler,
      Class<? extends ServerChannel> server,
      Class<? extends Channel> tcp,
      Class<? extends Channel> unix,
      Class<? extends DatagramChannel> udp) {
    this.handler = handler;
    this.server = server;
    this.tcp = tcp;
    this.unix = unix;
    this.udp = udp;
  }

  /** The better one of those that work here. */
  public static SocketKind best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /**
   * @throws IllegalArgumentException if the loop is neither of epoll nor of NIO
   */
  public static SocketKind of(EventLoop loop) {
    return find(loop)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "event loop " + loop + " runs an unknown transport; expected epoll or NIO"));
  }

  /** The one of an event loop; empty if that is neither of epoll nor of NIO. */
  public static Optional<SocketKind> find(EventLoop loop) {
    return Stream.of(values())
        .filter(kind -> loop instanceof IoEventLoop io && io.isIoType(kind.handler))
        .findFirst();
  }

  /** Event loops of one's own, on daemon threads. */
  public EventLoopGroup newLoops(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(
        threads,
        new DefaultThreadFactory(name, true),
        this == EPOLL ? QuietEpoll.newFactory() : NioIoHandler.newFactory()) {
      @Override
      protected IoEventLoop newChild(
          Executor executor, IoHandlerFactory sockets, Object... arguments) {
        return new Loop(this, executor, sockets);
      }
    };
  }

  public Class<? extends ServerChannel> serverChannel() {
    return server;
  }

  public Class<? extends Channel> tcpChannel() {
    return tcp;
  }

  public Class<? extends Channel> unixChannel() {
    return unix;
  }

  public Class<? extends DatagramChannel> udpChannel() {
    return udp;
  }

  /** The address of a unix socket in the form that {@link #unixChannel()} takes. */
  public SocketAddress unixAddress(Path path) {
    return this == NIO ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path.toFile());
  }

  private static final class Loop extends SingleThreadIoEventLoop {

    Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory sockets) {
      super(
          parent,
          executor,
          sockets,
          Integer.MAX_VALUE,
          RejectedExecutionHandlers.reject(),
          MOST_MILLIS_OF_TASKS);
    }

    @Override
    public boolean isIoType(Class<? extends IoHandler> type) {
      return ioHandler() instanceof QuietEpoll quiet
          ? quiet.epoll().getClass() == type
          : super.isIoType(type);
    }
  }
}
