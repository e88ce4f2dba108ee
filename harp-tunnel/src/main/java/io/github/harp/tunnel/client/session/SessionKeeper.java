// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.State;
import io.github.harp.tunnel.client.dial.BlockingWork;
import io.github.harp.tunnel.client.dial.Connector;
import io.github.harp.tunnel.client.dial.JvmNames;
import io.github.harp.tunnel.client.dial.ServerDialer;
import io.github.harp.tunnel.client.straight.Meetings;
import io.github.harp.tunnel.client.straight.StraightOwner;
import io.github.harp.tunnel.client.straight.StraightVisitor;
import io.github.harp.tunnel.client.visit.Visitors;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session with the server: starts one, and the next when it ends, each time after a wait
 * that grows while it does not help and is never quite the same, so that the clients of a restarted
 * server do not come back at once.
 */
public final class SessionKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);

  private final TunnelClientOptions options;
  private final EventLoop loop;
  private final EventLoopGroup loops;
  private final BlockingWork blocking = new BlockingWork();
  private final Connector connector;
  private final ServerDialer dialer;
  private final ProxyOffers offers;
  private final StraightOwner straight;
  private final Visitors visitors;
  private final Clock clock;
  private final Waits waits;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile Phase phase;
  private @Nullable ServerLogin session;
  private @Nullable ScheduledFuture<?> nextAttempt;
  private String runId = "";

  private record Phase(State state, Instant since, long logins, Optional<String> lastFailure) {}

  private SessionKeeper(TunnelClientOptions options, EventLoopGroup loops, Clock clock) {
    this.options = options;
    this.loops = loops;
    this.loop = loops.next();
    this.clock = clock;
    var names =
        options.names().map(made -> made.apply(loop)).orElseGet(() -> new JvmNames(blocking));
    this.connector = new Connector(loop, options.connectTimeout(), names, options.onFatalError());
    this.dialer = new ServerDialer(options, connector, blocking, loop);
    this.offers = new ProxyOffers(options);
    var meetings = new Meetings(options, loop, names, blocking);
    this.straight = new StraightOwner(meetings, loop, blocking);
    if (offers.areStraight()) {
      straight.prepare();
    }
    this.visitors = new Visitors(options, loop, new StraightVisitor(meetings, blocking), clock);
    this.waits = new Waits(options.retries(), ThreadLocalRandom::current);
    this.phase = new Phase(State.CONNECTING, clock.instant(), 0, Optional.empty());
  }

  /** Starts on an event loop of its own: one thread, since there is little to compute. */
  public static SessionKeeper start(TunnelClientOptions options, SocketKind sockets, Clock clock) {
    var keeper = new SessionKeeper(options, sockets.newLoops(1, "tunnel-client"), clock);
    keeper.loop.execute(
        () -> {
          keeper.visitors.start();
          keeper.attempt();
        });
    return keeper;
  }

  public TunnelClientStatus status() {
    var now = phase;
    return new TunnelClientStatus(
        now.state(),
        now.since(),
        now.logins(),
        now.lastFailure(),
        offers.status(),
        visitors.status());
  }

  /** Done when it was closed; failed when it has given up. */
  public CompletableFuture<Void> closed() {
    return closed.copy();
  }

  public void close() {
    if (!loop.isShuttingDown()) {
      loop.execute(() -> finish(null));
    }
  }

  // ---- on the event loop

  private void attempt() {
    if (phase.state() == State.CLOSED) {
      return;
    }
    enter(State.CONNECTING, phase.logins(), phase.lastFailure());
    var next =
        new ServerLogin(options, loop, dialer, connector, offers, straight, clock, new Events());
    session = next;
    next.start(runId);
  }

  private final class Events implements ServerLogin.Owner {

    @Override
    public void loggedIn(ServerLogin newSession) {
      runId = newSession.runId();
      enter(State.CONNECTED, phase.logins() + 1, phase.lastFailure());
      LOG.info("tunnel to {}:{}: logged in", options.serverAddress(), options.serverPort());
      visitors.loggedIn(newSession);
    }

    @Override
    public void ended(String reason) {
      visitors.loggedOut();
      if (phase.state() == State.CLOSED) {
        return;
      }
      if (phase.logins() == 0 && options.givesUpOnFirstLogin()) {
        LOG.error(
            "tunnel to {}:{}: {}; given up", options.serverAddress(), options.serverPort(), reason);
        finish(new TunnelException(Code.REFUSED, reason));
        return;
      }
      if (lastedLongEnough()) {
        waits.startOver();
      }
      var wait = waits.next();
      LOG.warn(
          "tunnel to {}:{}: {}; next attempt in {} ms",
          options.serverAddress(),
          options.serverPort(),
          reason,
          wait.toMillis());
      enter(State.WAITING, phase.logins(), Optional.of(reason));
      nextAttempt =
          loop.schedule(SessionKeeper.this::attempt, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * A server that accepts a login and then drops the client is to be treated like one that refuses
   * it.
   */
  private boolean lastedLongEnough() {
    return phase.state() == State.CONNECTED
        && Duration.between(phase.since(), clock.instant()).compareTo(options.retries().most()) > 0;
  }

  private void enter(State state, long logins, Optional<String> lastFailure) {
    phase = new Phase(state, clock.instant(), logins, lastFailure);
  }

  private void finish(@Nullable TunnelException gaveUp) {
    if (phase.state() == State.CLOSED) {
      return;
    }
    var reason = gaveUp == null ? phase.lastFailure() : Optional.ofNullable(gaveUp.getMessage());
    enter(State.CLOSED, phase.logins(), reason);
    if (nextAttempt != null) {
      nextAttempt.cancel(false);
    }
    if (session != null) {
      session.close();
    }
    straight.close();
    visitors.close();
    blocking.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    if (gaveUp == null) {
      closed.complete(null);
    } else {
      closed.completeExceptionally(gaveUp);
    }
  }
}
