// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.server.punch.IntroducedPeer;
import io.github.harp.tunnel.server.work.PayloadCounter;
import io.github.harp.tunnel.server.work.WorkConnection;
import io.github.harp.tunnel.server.work.WorkConnectionPool;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A client that is logged in: its control connection, its proxies, its pool of work connections.
 *
 * <p>Belongs to the event loop of the control connection. {@link #close}, {@link #probe} and {@link
 * #status} may be called from any thread.
 */
final class ClientSession implements IntroducedPeer {

  /**
   * Who the client is.
   *
   * @param id names the session in logs
   * @param user frp's user, a prefix of names and what visitors are allowed by
   */
  record Client(
      long id,
      String runId,
      TunnelIdentity identity,
      String user,
      String version,
      WireProtocol wire,
      Instant since) {}

  /**
   * For a client that seems to be gone: one that was restarted after a crash finds its name or its
   * port taken by its old self, and would try again after half a minute only.
   */
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(3);

  private final Client client;
  private final Connection connection;
  private final Channel control;
  private final Clients server;
  private final WorkConnectionPool pool;
  private final PayloadCounter payload = new PayloadCounter();
  private final Set<Channel> streamsInUse = ConcurrentHashMap.newKeySet();
  private final Promise<Void> closed;
  private boolean started;
  private boolean closing;

  ClientSession(
      Client client, Connection connection, Channel control, int poolCount, Clients server) {
    this.client = client;
    this.connection = connection;
    this.control = control;
    this.server = server;
    this.closed = control.eventLoop().newPromise();
    int wanted = Math.max(0, Math.min(poolCount, server.limits.perClient().idle()));
    this.pool =
        new WorkConnectionPool(
            control.eventLoop(),
            wanted,
            server.limits.times().workConnection(),
            () -> control.writeAndFlush(new ReqWorkConn()));
  }

  String runId() {
    return client.runId();
  }

  @Override
  public TunnelIdentity identity() {
    return client.identity();
  }

  String user() {
    return client.user();
  }

  Connection connection() {
    return connection;
  }

  @Override
  public EventLoop loop() {
    return control.eventLoop();
  }

  @Override
  public InetAddress address() {
    return connection.address().getAddress();
  }

  @Override
  public void answer(NatHoleResp answer) {
    control.writeAndFlush(answer);
  }

  boolean isClosing() {
    return closing;
  }

  /** Logged in: the client is asked for the first work connections. */
  void start() {
    started = true;
    server.carried.sessionBegins(payload);
    server.connected(this);
    pool.request();
  }

  // ---- proxies

  List<OpenProxy> proxies() {
    return server.proxies.of(this);
  }

  /** The client is being told that its proxy runs: from now on users may come. */
  void announce(OpenProxy proxy) {
    if (!closing && proxies().contains(proxy)) {
      proxy.head().announcement().make();
      server.opened(this, proxy);
    }
  }

  /** Frees name and port of a proxy; connections through it go on. */
  void withdraw(OpenProxy proxy, String reason) {
    server.proxies.release(proxy);
    server.loopback.close(proxy);
    if (proxy.head().announcement().withdraw(proxy.gone())) {
      server.closed(this, proxy, reason);
    }
  }

  /** The same for all of them. From any thread. */
  void withdraw(String reason) {
    onLoop(() -> proxies().forEach(proxy -> withdraw(proxy, reason)));
  }

  // ---- work connections

  /** A stream that the client has opened; false if it was not asked for. */
  boolean offer(WorkConnection stream) {
    if (!pool.offer(stream)) {
      return false;
    }
    stream.channel().closeFuture().addListener(gone -> onLoop(() -> pool.remove(stream)));
    return true;
  }

  boolean hasMostStreams() {
    return streamsInUse.size() >= server.limits.perClient().streamsInUse();
  }

  /** A stream carries something from now on. */
  void carries(Channel stream) {
    streamsInUse.add(stream);
    server.carried.streamOpened();
    stream.closeFuture().addListener(gone -> streamsInUse.remove(stream));
  }

  WorkConnectionPool pool() {
    return pool;
  }

  PayloadCounter payload() {
    return payload;
  }

  HeldBytes heldBytes() {
    return server.heldBytes;
  }

  // ---- the end

  /**
   * Makes sure that the client lives: when the future completes it has given a sign, or is gone.
   */
  Future<Void> probe() {
    Promise<Void> probed = loop().newPromise();
    onLoop(
        () ->
            connection
                .carrier()
                .probe(SIGN_OF_LIFE)
                .addListener(
                    (Future<Boolean> alive) -> {
                      if (!alive.getNow()) {
                        closeOnLoop("gave no sign of life");
                      }
                      probed.setSuccess(null);
                    }));
    return probed;
  }

  /**
   * Ends the session. When the future completes, its names and ports are free and everybody has
   * been told.
   */
  Future<Void> close(String reason) {
    onLoop(() -> closeOnLoop(reason));
    return closed;
  }

  /** The same where nobody is there any more: connections of its streams would never tell. */
  void abandon(String reason) {
    close(reason);
    streamsInUse.forEach(stream -> onLoop(stream.eventLoop(), () -> Reset.ofSilent(stream)));
  }

  private void closeOnLoop(String reason) {
    if (closing) {
      return;
    }
    closing = true;
    for (OpenProxy proxy : proxies()) {
      withdraw(proxy, reason);
    }
    server.sessions.leave(this);
    pool.close();
    if (started) {
      server.carried.sessionEnds(payload);
      server.disconnected(this, reason);
    }
    control.close();
    if (connection.carrier().isMultiplexed()) {
      connection.close();
    }
    closed.setSuccess(null);
  }

  int streamsInUse() {
    return streamsInUse.size();
  }

  TunnelStatus.Session status() {
    List<TunnelStatus.Proxy> proxies =
        proxies().stream().filter(OpenProxy::isAnnounced).map(OpenProxy::status).toList();
    return new TunnelStatus.Session(
        client.id(),
        client.identity(),
        connection.address(),
        client.version(),
        client.wire(),
        connection.carrier().isEncrypted(),
        connection.carrier().isMultiplexed(),
        connection.carrier().transport(),
        connection.carrier().roundTrip(),
        client.since(),
        proxies,
        streamsInUse.size(),
        pool.idleCount(),
        payload.bytesIn(),
        payload.bytesOut());
  }

  void onLoop(Runnable action) {
    onLoop(loop(), action);
  }

  static void onLoop(EventLoop loop, Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  @Override
  public String toString() {
    return "client #" + client.id() + " (" + client.identity() + ")";
  }
}
