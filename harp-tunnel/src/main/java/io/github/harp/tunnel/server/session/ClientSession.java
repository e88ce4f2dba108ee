// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.Message.ReqWorkConn;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.server.work.PayloadCounter;
import io.github.harp.tunnel.server.work.WorkConnection;
import io.github.harp.tunnel.server.work.WorkConnectionPool;
import io.github.harp.tunnel.stream.Bridge;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A client that is logged in: its control connection, its proxies, its pool of work connections.
 *
 * <p>Belongs to the event loop of the control connection. {@link #dial}, {@link #close} and {@link
 * #status} may be called from any thread.
 */
public final class ClientSession {

  private static final int START_ATTEMPTS = 3;

  /**
   * Who the client is.
   *
   * @param id names the session in logs
   * @param user frp's user, a prefix of names and what visitors are allowed by
   */
  public record Client(
      long id,
      String runId,
      TunnelIdentity identity,
      String user,
      String version,
      WireProtocol wire,
      Instant since) {}

  private final Client client;
  private final Connection connection;
  private final Channel control;
  private final ServerContext server;
  private final WorkConnectionPool pool;
  private final PayloadCounter payload = new PayloadCounter();
  private final AtomicInteger streamsInUse = new AtomicInteger();
  private final AnnouncedProxies announced;
  private final Promise<Void> closed;
  private boolean started;
  private boolean closing;

  public ClientSession(
      Client client, Connection connection, Channel control, int poolCount, ServerContext server) {
    this.client = client;
    this.connection = connection;
    this.control = control;
    this.server = server;
    this.announced = new AnnouncedProxies(control.eventLoop());
    this.closed = control.eventLoop().newPromise();
    int wanted = Math.max(0, Math.min(poolCount, server.limits().perClient().idle()));
    this.pool =
        new WorkConnectionPool(
            control.eventLoop(),
            wanted,
            server.limits().times().workConnection(),
            () -> control.writeAndFlush(new ReqWorkConn()));
  }

  public String runId() {
    return client.runId();
  }

  public TunnelIdentity identity() {
    return client.identity();
  }

  public String user() {
    return client.user();
  }

  public Connection connection() {
    return connection;
  }

  public EventLoop loop() {
    return control.eventLoop();
  }

  public boolean isClosing() {
    return closing;
  }

  /** Logged in: the client is asked for the first work connections. */
  public void start() {
    started = true;
    server.carried().sessionBegins(payload);
    server.connected(this);
    pool.request();
  }

  // ---- proxies

  public int proxyCount() {
    return server.proxies().of(this).size();
  }

  /** The client is being told that its proxy runs: from now on users may come. */
  public void announce(OpenProxy proxy) {
    if (!holds(proxy)) {
      return;
    }
    announced.add(proxy);
    server.opened(this, proxy);
  }

  private boolean holds(OpenProxy proxy) {
    return !closing && server.proxies().of(this).contains(proxy);
  }

  /** Frees name and port of a proxy; connections through it go on. */
  public void withdraw(OpenProxy proxy, String reason) {
    server.proxies().release(proxy);
    server.loopback().close(proxy);
    if (announced.remove(proxy)) {
      server.closed(this, proxy, reason);
    }
  }

  public boolean isAnnounced(OpenProxy proxy) {
    return announced.contains(proxy);
  }

  // ---- work connections

  /** A stream that the client has opened; false if it was not asked for. */
  public boolean offer(WorkConnection stream) {
    if (!pool.offer(stream)) {
      return false;
    }
    stream.channel().closeFuture().addListener(gone -> onLoop(() -> pool.remove(stream)));
    return true;
  }

  /**
   * A channel to the client's service, on {@code loop}, with autoRead off.
   *
   * @param source whom the client is told that it serves
   * @param destination where that one has connected to
   */
  public Future<Channel> dial(
      OpenProxy proxy,
      EventLoop loop,
      @Nullable InetSocketAddress source,
      @Nullable InetSocketAddress destination) {
    Promise<Channel> dialled = loop.newPromise();
    StartWorkConn start =
        new StartWorkConn(
            proxy.name(), host(source), host(destination), port(source), port(destination), "");
    onLoop(
        () ->
            whenSettled(proxy)
                .addListener(
                    ready -> {
                      if (ready.isSuccess()) {
                        takeAndStart(proxy, start, dialled, loop, START_ATTEMPTS);
                      } else {
                        dialled.tryFailure(ready.cause());
                      }
                    }));
    return dialled;
  }

  private Future<Void> whenSettled(OpenProxy proxy) {
    return announced.contains(proxy) || holds(proxy)
        ? announced.whenSettled(proxy)
        : loop().newFailedFuture(AnnouncedProxies.gone(proxy));
  }

  private void takeAndStart(
      OpenProxy proxy,
      StartWorkConn message,
      Promise<Channel> dialled,
      EventLoop loop,
      int attempts) {
    if (!announced.contains(proxy) || attempts == 0) {
      dialled.tryFailure(AnnouncedProxies.gone(proxy));
      return;
    }
    if (streamsInUse.get() >= server.limits().perClient().streamsInUse()) {
      dialled.tryFailure(
          new TunnelException(
              Code.LIMIT_REACHED, this + " has " + streamsInUse + " streams in use already"));
      return;
    }
    pool.take()
        .addListener(
            (Future<WorkConnection> taken) -> {
              if (!taken.isSuccess()) {
                dialled.tryFailure(taken.cause());
                return;
              }
              if (dialled.isDone()) {
                pool.putBack(taken.getNow());
                return;
              }
              Channel stream = taken.getNow().channel();
              onLoop(
                  stream.eventLoop(),
                  () -> {
                    if (stream.isActive()) {
                      start(taken.getNow(), proxy, message, dialled, loop);
                    } else {
                      onLoop(() -> takeAndStart(proxy, message, dialled, loop, attempts - 1));
                    }
                  });
            });
  }

  /** On the event loop of the stream. */
  private void start(
      WorkConnection work,
      OpenProxy proxy,
      StartWorkConn message,
      Promise<Channel> dialled,
      EventLoop loop) {
    Channel stream = work.channel();
    streamsInUse.incrementAndGet();
    server.carried().streamOpened();
    stream.closeFuture().addListener(gone -> streamsInUse.decrementAndGet());
    work.start(message, proxy.wrapping(), payload);
    if (stream.eventLoop() == loop) {
      hand(stream, dialled);
    } else {
      Bridge.across(stream, loop, server.heldBytes())
          .addListener(
              (Future<Channel> bridged) -> {
                if (bridged.isSuccess()) {
                  hand(bridged.getNow(), dialled);
                } else {
                  dialled.tryFailure(bridged.cause());
                }
              });
    }
  }

  private static void hand(Channel stream, Promise<Channel> dialled) {
    if (!dialled.trySuccess(stream)) {
      WorkConnection.reset(stream);
    }
  }

  // ---- the end

  /**
   * Makes sure that the client lives: when the future completes it has given a sign, or is gone.
   */
  public Future<Void> probe(Duration patience) {
    Promise<Void> probed = loop().newPromise();
    onLoop(
        () ->
            connection
                .probe(patience)
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
  public Future<Void> close(String reason) {
    onLoop(() -> closeOnLoop(reason));
    return closed;
  }

  private void closeOnLoop(String reason) {
    if (closing) {
      return;
    }
    closing = true;
    for (OpenProxy proxy : server.proxies().of(this)) {
      withdraw(proxy, reason);
    }
    server.sessions().leave(this);
    pool.close();
    if (started) {
      server.carried().sessionEnds(payload);
      server.disconnected(this, reason);
    }
    control.close();
    if (connection.multiplexed()) {
      connection.close();
    }
    closed.setSuccess(null);
  }

  public int streamsInUse() {
    return streamsInUse.get();
  }

  public TunnelStatus.Session status() {
    List<TunnelStatus.Proxy> proxies = announced.all().stream().map(OpenProxy::status).toList();
    return new TunnelStatus.Session(
        client.id(),
        client.identity(),
        connection.address(),
        client.version(),
        client.wire(),
        connection.tls(),
        connection.multiplexed(),
        client.since(),
        proxies,
        streamsInUse.get(),
        pool.idleCount(),
        payload.bytesIn(),
        payload.bytesOut());
  }

  private void onLoop(Runnable action) {
    onLoop(loop(), action);
  }

  private static void onLoop(EventLoop loop, Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  private static String host(@Nullable InetSocketAddress address) {
    return address == null ? "" : address.getAddress().getHostAddress();
  }

  private static int port(@Nullable InetSocketAddress address) {
    return address == null ? 0 : address.getPort();
  }

  @Override
  public String toString() {
    return "client #" + client.id() + " (" + client.identity() + ")";
  }
}
