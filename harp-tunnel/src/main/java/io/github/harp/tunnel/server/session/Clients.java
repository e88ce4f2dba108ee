// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.ServerSockets;
import io.github.harp.tunnel.frp.stream.Unfinished;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.accept.Acceptor;
import io.github.harp.tunnel.server.punch.Introductions;
import io.github.harp.tunnel.server.work.Carried;
import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All clients of one server: the tables that they share, what users ask of them, and who is told of
 * them. Thread-safe.
 */
public final class Clients {

  private static final Logger LOG = LoggerFactory.getLogger(Clients.class);

  final TunnelServerOptions options;
  final TunnelLimits limits;
  final TunnelAuthenticator authenticator;
  final ClientSessions sessions;
  final ProxyTable proxies;
  final LoopbackPorts loopback;
  final HeldBytes heldBytes;
  final Unfinished unfinished;
  final Carried carried = new Carried();

  /** For the times that people see. */
  final InstantSource clock = InstantSource.system();

  final Introductions introductions = new Introductions(clock);
  final Logins logins;
  final Visits visitors;

  private final Acceptor acceptor;

  /**
   * @param options with an authenticator
   */
  public Clients(TunnelServerOptions options, ServerSockets sockets) {
    this.options = options;
    limits = options.limits();
    authenticator = options.authenticator().orElseThrow();
    sessions = new ClientSessions(limits.clients());
    proxies = new ProxyTable(options.ports());
    loopback = new LoopbackPorts(sockets);
    heldBytes = HeldBytes.limitedTo(limits.heldBytes());
    unfinished = new Unfinished(limits.heldBytes() / 2);
    logins = new Logins(this);
    visitors = new Visits(this);
    acceptor =
        new Acceptor(options, heldBytes, connection -> FirstMessage.initializer(connection, this));
  }

  /** What turns an accepted connection into a client. */
  public Acceptor acceptor() {
    return acceptor;
  }

  /** See {@code TunnelServer.dial}. */
  public Future<Channel> dial(
      String realm, int port, EventLoop loop, Predicate<TunnelIdentity> through) {
    var proxy = openOn(realm, port);
    if (proxy.isEmpty()) {
      return refused(loop, "remote port " + port + ": no client has opened it");
    }
    var owner = proxy.get().owner().identity();
    return through.test(owner)
        ? new Dialling(proxy.get(), loop, Dialling.NOBODY).start()
        : refused(loop, "remote port " + port + " is open for " + owner + ", expected another");
  }

  private static Future<Channel> refused(EventLoop loop, String reason) {
    return loop.newFailedFuture(new TunnelException(Code.NO_SUCH_PORT, reason));
  }

  private Optional<OpenProxy> openOn(String realm, int port) {
    return proxies.onPort(realm, port).filter(OpenProxy::isAnnounced);
  }

  /** Takes no more users, and tells so; streams go on. */
  public void withdraw(String reason) {
    sessions.all().forEach(session -> session.withdraw(reason));
  }

  /** Ends the sessions that this is true for. */
  public void disconnect(Predicate<TunnelStatus.Session> which, String reason) {
    for (ClientSession session : sessions.all()) {
      if (which.test(session.status())) {
        session.close(reason);
      }
    }
  }

  /** Streams that carry something right now. */
  public int streamsInUse() {
    return sessions.all().stream().mapToInt(ClientSession::streamsInUse).sum();
  }

  public TunnelStatus status() {
    return new TunnelStatus(
        sessions.all().stream().map(ClientSession::status).toList(),
        acceptor.newConnections(),
        heldBytes.current(),
        carried.totals(),
        options.quic().map(TunnelServerOptions.Quic::address),
        introductions.totals());
  }

  /**
   * Asks the host's code: the answer comes on this event loop, once and in time, or there is none.
   *
   * @param what is asked, for the log
   */
  <T> void ask(
      Object what,
      EventLoop loop,
      Supplier<CompletionStage<T>> question,
      Consumer<T> answered,
      Runnable unanswered) {
    long millis = limits.times().decision().toMillis();
    CompletableFuture<T> answer;
    try {
      answer = question.get().toCompletableFuture().copy();
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer
        .orTimeout(millis, TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (given, failure) -> {
              if (given != null) {
                answered.accept(given);
                return;
              }
              var late = "no decision within " + millis + " ms";
              LOG.warn(
                  "{} could not be decided: {}",
                  what,
                  failure instanceof TimeoutException ? late : String.valueOf(failure));
              unanswered.run();
            },
            loop);
  }

  // ---- who is told

  void connected(ClientSession session) {
    TunnelStatus.Session status = session.status();
    LOG.info(
        "{} logged in from {} (frp {}, wire {}, {}, {})",
        session,
        status.address(),
        status.clientVersion(),
        status.wire(),
        status.tls() ? "TLS" : "no TLS",
        status.multiplexed() ? "multiplexed" : "not multiplexed");
    options.listener().connected(status);
  }

  void opened(ClientSession session, OpenProxy proxy) {
    LOG.info("{} opened {}", session, proxy);
    options.listener().opened(session.status(), proxy.status());
  }

  void closed(ClientSession session, OpenProxy proxy, String reason) {
    LOG.info("{} closed {}: {}", session, proxy, reason);
    options.listener().closed(session.status(), proxy.status(), reason);
  }

  void disconnected(ClientSession session, String reason) {
    LOG.info("{} is gone: {}", session, reason);
    options.listener().disconnected(session.status(), reason);
  }
}
