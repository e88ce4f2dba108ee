// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.github.harp.core.HarpException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A way to talk to the kernel about sockets, best first. */
public enum Transport {
  IO_URING(
      IoUringIoHandler.class,
      IoUringServerSocketChannel.class,
      IoUringSocketChannel.class,
      IoUringDatagramChannel.class,
      IoUringDomainSocketChannel.class),
  EPOLL(
      EpollIoHandler.class,
      EpollServerSocketChannel.class,
      EpollSocketChannel.class,
      EpollDatagramChannel.class,
      EpollDomainSocketChannel.class),
  NIO(
      NioIoHandler.class,
      NioServerSocketChannel.class,
      NioSocketChannel.class,
      NioDatagramChannel.class,
      NioDomainSocketChannel.class);

  private static final int TRY_SECONDS = 10;

  /** Else it makes a folder for files out of JARs, which stays when the process is killed. */
  private static final FileSystemOptions NO_CACHE =
      new FileSystemOptions().setClassPathResolvingEnabled(false);

  private static final int UNSENT_BYTES = 128 * 1024;

  private final Class<? extends IoHandler> handler;
  private final Class<? extends ServerSocketChannel> server;
  private final Class<? extends SocketChannel> tcp;
  private final Class<? extends DatagramChannel> udp;
  private final Class<? extends Channel> unix;

  Transport(
      Class<? extends IoHandler> handler,
      Class<? extends ServerSocketChannel> server,
      Class<? extends SocketChannel> tcp,
      Class<? extends DatagramChannel> udp,
      Class<? extends Channel> unix) {
    this.handler = handler;
    this.server = server;
    this.tcp = tcp;
    this.udp = udp;
    this.unix = unix;
  }

  /** The transport that these event loops run on. */
  public static Transport of(EventLoopGroup loops) {
    if (loops instanceof IoEventLoopGroup group) {
      for (var transport : values()) {
        if (group.isIoType(transport.handler)) {
          return transport;
        }
      }
    }
    throw new IllegalArgumentException(
        "event loops of " + loops.getClass() + ": expected io_uring, epoll or NIO ones");
  }

  /** Why it can't be used here; null when it can. */
  public @Nullable Throwable unavailability() {
    return switch (this) {
      case IO_URING -> IoUring.unavailabilityCause();
      case EPOLL -> Epoll.unavailabilityCause();
      case NIO -> null;
    };
  }

  public Class<? extends ServerSocketChannel> serverChannel() {
    return server;
  }

  public Class<? extends SocketChannel> tcpChannel() {
    return tcp;
  }

  public Class<? extends DatagramChannel> udpChannel() {
    return udp;
  }

  public Class<? extends Channel> unixChannel() {
    return unix;
  }

  /**
   * Has the kernel keep little of what is written to a connection and can't be sent yet, where it
   * would keep megabytes: what a slow peer takes is seen soon, so that it is not mistaken for one
   * that takes nothing.
   */
  public void keepLittleUnsent(Channel connection) {
    var config = connection.config();
    switch (this) {
      case IO_URING ->
          config.setOption(IoUringChannelOption.TCP_NOTSENT_LOWAT, (long) UNSENT_BYTES);
      case EPOLL -> config.setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) UNSENT_BYTES);
      // The JDK knows no more than the whole buffer, with what is on its way.
      case NIO -> config.setOption(ChannelOption.SO_SNDBUF, UNSENT_BYTES);
    }
  }

  /** The address of a unix socket in the form that {@link #unixChannel()} takes. */
  public SocketAddress unixAddress(Path path) {
    return this == NIO ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path.toFile());
  }

  /**
   * Vert.x on this transport, with as many event loops as served best when measured: on io_uring
   * one for each processor, else two (docs/benchmarks.md). All of them, acceptors included, have
   * done something when this returns: a probe of one ring says nothing about memory for the rest.
   *
   * @throws IllegalStateException when they can't be had here; the message says why
   */
  public Vertx start() {
    var missing = unavailability();
    if (missing != null) {
      throw new IllegalStateException(rootMessage(missing), missing);
    }
    int processors = Runtime.getRuntime().availableProcessors();
    int loops = this == IO_URING ? processors : 2 * processors;
    Vertx vertx;
    try {
      vertx =
          Vertx.builder()
              .with(new VertxOptions().setEventLoopPoolSize(loops).setFileSystemOptions(NO_CACHE))
              .withTransport(new FairTransport(vertx()))
              .build();
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException(rootMessage(e) + " (for " + loops + " event loops)", e);
    }
    try {
      var internal = (VertxInternal) vertx;
      internal.nettyEventLoopGroup().forEach(Transport::tryOut);
      internal.acceptorEventLoopGroup().forEach(Transport::tryOut);
      return vertx;
    } catch (IllegalStateException e) {
      vertx.close();
      throw e;
    }
  }

  /** A loop finishes its set-up in its own thread; what fails there only ends the thread. */
  private static void tryOut(EventExecutor loop) {
    var used = new CompletableFuture<@Nullable Void>();
    loop.terminationFuture()
        .addListener(ended -> used.completeExceptionally(new IllegalStateException("ended")));
    try {
      loop.execute(() -> used.complete(null));
      used.get(TRY_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      throw new IllegalStateException("an event loop did not start; the log may say why", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while event loops were tried out", e);
    }
  }

  private static String rootMessage(Throwable failure) {
    var root = failure;
    for (var cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    return HarpException.reasonOf(root);
  }

  private io.vertx.core.transport.Transport vertx() {
    return switch (this) {
      case IO_URING -> io.vertx.core.transport.Transport.IO_URING;
      case EPOLL -> io.vertx.core.transport.Transport.EPOLL;
      case NIO -> io.vertx.core.transport.Transport.NIO;
    };
  }

  /** As users write it: {@code io_uring}, {@code epoll}, {@code nio}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
