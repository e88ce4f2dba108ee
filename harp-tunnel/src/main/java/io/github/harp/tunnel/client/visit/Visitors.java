// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.visit;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.straight.StraightVisitor;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All visitors of a client. They listen whether there is a session with the server or not: straight
 * ways outlive it. On one event loop, but for {@link #status}.
 */
public final class Visitors {

  private static final Logger LOG = LoggerFactory.getLogger(Visitors.class);
  private static final long LISTEN_AGAIN_SECONDS = 10;

  /** What they stand on. */
  record Ground(EventLoop loop, StraightVisitor straight, InstantSource clock) {}

  private final TunnelClientOptions options;
  private final EventLoop loop;
  private final Map<String, Visitor> byName = new LinkedHashMap<>();
  private final ChannelGroup open;
  private @Nullable ServerSession session;
  private boolean closed;

  public Visitors(
      TunnelClientOptions options, EventLoop loop, StraightVisitor straight, InstantSource clock) {
    this.options = options;
    this.loop = loop;
    this.open = new DefaultChannelGroup(loop, true);
    var ground = new Ground(loop, straight, clock);
    if (options.visitors().stream().anyMatch(visitor -> visitor.way() == ProxyType.XTCP)) {
      straight.prepare();
    }
    for (var visitor : options.visitors()) {
      var fallback = visitor.straight().fallbackTo();
      byName.put(
          visitor.name(),
          new Visitor(visitor, ground, () -> session, () -> fallback.flatMap(this::named)));
    }
  }

  private Optional<Visitor> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Listens where users connect. */
  public void start() {
    byName.values().forEach(this::listen);
  }

  private void listen(Visitor visitor) {
    visitor.visitor().address().ifPresent(address -> listen(visitor, address));
  }

  private void listen(Visitor visitor, InetSocketAddress address) {
    if (closed) {
      return;
    }
    new ServerBootstrap()
        .group(loop)
        .channel(SocketKind.of(loop).serverChannel())
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childAttr(ErrorAlarm.LISTENER, options.onFatalError())
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel user) {
                open.add(user);
                loop.execute(() -> visitor.arrived(user));
              }
            })
        .bind(address)
        .addListener((ChannelFuture bound) -> listening(visitor, address, bound));
  }

  private void listening(Visitor visitor, InetSocketAddress address, ChannelFuture bound) {
    if (bound.isSuccess()) {
      open.add(bound.channel());
      visitor.listensAt(bound.channel().localAddress());
      LOG.info("{}: users connect to {}", visitor.visitor(), bound.channel().localAddress());
    } else {
      LOG.warn(
          "{}: can't listen at {}: {}; next attempt in {} s",
          visitor.visitor(),
          address,
          bound.cause().getMessage(),
          LISTEN_AGAIN_SECONDS);
      loop.schedule(() -> listen(visitor, address), LISTEN_AGAIN_SECONDS, TimeUnit.SECONDS);
    }
  }

  public void loggedIn(ServerSession newSession) {
    session = newSession;
    byName.values().forEach(Visitor::loggedIn);
  }

  /** The session is over: only straight ways lead on. */
  public void loggedOut() {
    session = null;
  }

  public void close() {
    closed = true;
    session = null;
    byName.values().forEach(Visitor::close);
    open.close();
  }

  public List<TunnelClientStatus.Visitor> status() {
    return byName.values().stream().map(Visitor::status).toList();
  }
}
