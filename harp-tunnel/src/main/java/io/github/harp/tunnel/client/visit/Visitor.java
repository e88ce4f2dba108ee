// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.visit;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.quic.QuicPeer;
import io.github.harp.tunnel.stream.Relay;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the users of one visited service to its owner: straight if there is a way, else with the
 * fallback; those who find neither wait a while. On one event loop, but for {@link #status}.
 */
final class Visitor {

  private static final Logger LOG = LoggerFactory.getLogger(Visitor.class);
  private static final String PAYLOAD = "payload";
  private static final int MOST_USERS = 1_024;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TunnelVisitor visitor;
  private final EventLoop loop;
  private final Supplier<@Nullable ServerSession> server;
  private final InstantSource clock;
  private final Supplier<Optional<Visitor>> fallback;
  private final @Nullable StraightWay straight;
  private final Queue<Channel> waiting = new ArrayDeque<>();
  private final AtomicInteger here = new AtomicInteger();
  private final Tally gone = new Tally();
  private final Tally relayed = new Tally();
  private final AtomicLong failed = new AtomicLong();
  private volatile String lastFailure = "";
  private volatile @Nullable SocketAddress address;

  /**
   * @param fallback who takes users while there is no straight way
   */
  Visitor(
      TunnelVisitor visitor,
      Visitors.Ground ground,
      Supplier<@Nullable ServerSession> server,
      Supplier<Optional<Visitor>> fallback) {
    this.visitor = visitor;
    this.loop = ground.loop();
    this.clock = ground.clock();
    this.server = server;
    this.fallback = fallback;
    this.straight =
        visitor.way() == ProxyType.XTCP
            ? new StraightWay(visitor, ground.straight(), loop, server, this::serveWaiting)
            : null;
  }

  TunnelVisitor visitor() {
    return visitor;
  }

  void listensAt(@Nullable SocketAddress where) {
    address = where;
  }

  /** There is a session with the server. */
  void loggedIn() {
    if (straight != null && (visitor.straight().keptOpen() || !waiting.isEmpty())) {
      straight.seek();
    }
    serveWaiting();
  }

  /** A user has connected; nothing is read from it yet. */
  void arrived(Channel user) {
    if (here.get() >= MOST_USERS) {
      fail(user, "more users than " + MOST_USERS);
      return;
    }
    here.incrementAndGet();
    user.closeFuture()
        .addListener(
            closed -> {
              here.decrementAndGet();
              waiting.remove(user);
            });
    if (!serve(user)) {
      await(user);
    }
  }

  private void await(Channel user) {
    waiting.add(user);
    if (straight != null) {
      straight.seek();
    }
    var patience = straight != null && fallback.get().isPresent() ? firstWait() : PATIENCE;
    var timer =
        loop.schedule(() -> isLate(user, patience), patience.toMillis(), TimeUnit.MILLISECONDS);
    user.closeFuture().addListener(closed -> timer.cancel(false));
  }

  private Duration firstWait() {
    return visitor.straight().fallbackAfter();
  }

  private void isLate(Channel user, Duration patience) {
    if (!waiting.remove(user)) {
      return;
    }
    var other = fallback.get();
    if (straight != null && other.isPresent()) {
      if (!other.get().relay(user, relayed)) {
        other.get().await(user);
      }
    } else {
      fail(user, reason() + ", after " + patience.toSeconds() + " s");
    }
  }

  private String reason() {
    return straight == null || server.get() == null
        ? "not logged in to the server"
        : straight.why();
  }

  private void serveWaiting() {
    for (var user : List.copyOf(waiting)) {
      if (serve(user)) {
        waiting.remove(user);
      }
    }
  }

  /** Whether the user is on a way. */
  private boolean serve(Channel user) {
    if (straight == null) {
      return relay(user, relayed);
    }
    var owner = straight.peer();
    if (owner != null) {
      goStraight(user, owner);
      return true;
    }
    var other = fallback.get();
    if (straight.isHopeless() && other.isPresent() && other.get().relay(user, relayed)) {
      straight.seek();
      return true;
    }
    return false;
  }

  private void goStraight(Channel user, QuicPeer owner) {
    var end = new Relay();
    owner
        .openStream(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.config().setAutoRead(false);
                stream.pipeline().addLast(PAYLOAD, end);
                new PayloadWrapping(visitor.encrypted(), visitor.compressed(), visitor.secret())
                    .addBefore(stream.pipeline(), PAYLOAD);
              }
            })
        .addListener(
            (Future<Channel> opened) -> {
              if (opened.isSuccess()) {
                user.pipeline().addLast(gone.user());
                end.join(user);
              } else {
                fail(user, String.valueOf(opened.cause().getMessage()));
              }
            });
  }

  /** Whether there is a session that may bring the user to the owner. */
  private boolean relay(Channel user, Tally tally) {
    var session = server.get();
    if (session == null) {
      return false;
    }
    user.pipeline().addLast(tally.user());
    session.open(
        new RelayedVisit(
            visitor,
            session.runId(),
            clock.instant().getEpochSecond(),
            user,
            reason -> fail(user, reason)),
        reason -> fail(user, reason));
    return true;
  }

  private void fail(Channel user, String reason) {
    if (!reason.equals(lastFailure)) {
      LOG.warn("visitor {}: a user can't get to {}: {}", visitor.name(), visitor.service(), reason);
    }
    failed.incrementAndGet();
    lastFailure = reason;
    Reset.of(user);
  }

  void close() {
    if (straight != null) {
      straight.close();
    }
    List.copyOf(waiting).forEach(Channel::close);
  }

  TunnelClientStatus.Visitor status() {
    var way = straight;
    return new TunnelClientStatus.Visitor(
        visitor.name(),
        visitor.service(),
        visitor.way(),
        Optional.ofNullable(address),
        way == null ? "it is not sought" : way.why(),
        here.get(),
        new TunnelClientStatus.Went(gone.users(), gone.bytes()),
        new TunnelClientStatus.Went(relayed.users(), relayed.bytes()),
        failed.get(),
        lastFailure);
  }
}
