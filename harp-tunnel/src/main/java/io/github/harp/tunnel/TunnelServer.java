// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.ServerSockets;
import io.github.harp.tunnel.quic.QuicListener;
import io.github.harp.tunnel.quic.QuicSupport;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.session.Clients;
import io.github.harp.tunnel.websocket.Agreement;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts frp clients and makes their remote ports reachable inside this process.
 *
 * <p>Compatible with frpc 0.50 to 0.70 over TCP, with or without TLS and stream multiplexing, and
 * over QUIC; wire protocols 1 and 2. A remote port is never opened as a TCP port unless {@link
 * TunnelServerOptions#exposeOnLoopback} says so.
 *
 * <p>Thread-safe. Futures complete on event loops.
 */
public final class TunnelServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);
  private static final long STOP_CHECK_MILLIS = 50;
  private static final long CLOSE_CHECK_MILLIS = 10;
  private static final long CLOSE_SECONDS = 10;
  private static final String STOPS = "the server stops";

  private final TunnelServerOptions options;
  private final ServerSockets sockets;
  private final Clients clients;
  private volatile @Nullable Channel listener;
  private volatile @Nullable QuicListener quicListener;

  /**
   * A server that does not listen yet.
   *
   * @throws TunnelException if these options cannot work ({@code CONFIGURATION})
   */
  public TunnelServer(TunnelServerOptions options) throws TunnelException {
    if (options.tls().isEmpty() && !options.plain()) {
      throw new TunnelException(
          Code.CONFIGURATION,
          "the tunnel server accepts neither TLS nor plain connections; expected at least one");
    }
    if (options.authenticator().isEmpty()) {
      throw new TunnelException(
          Code.CONFIGURATION, "the tunnel server has no authenticator; expected one");
    }
    if (options.quic().isPresent() && QuicSupport.obstacle().isPresent()) {
      throw new TunnelException(Code.CONFIGURATION, QuicSupport.obstacle().get());
    }
    this.options = options;
    var loops = options.loops();
    sockets = loops.isEmpty() ? ServerSockets.onOwnLoops() : new ServerSockets(loops.get(), false);
    clients = new Clients(options, sockets);
  }

  /** Starts to listen; gives the address, with the port that was taken if 0 was asked for. */
  public Future<InetSocketAddress> start() {
    Promise<InetSocketAddress> started = sockets.workers().next().newPromise();
    if (options.quic().isEmpty()) {
      listen(started);
      return started;
    }
    clients
        .acceptor()
        .listen(sockets.workers().next(), options.quic().get())
        .addListener(
            (Future<QuicListener> bound) -> {
              if (bound.isSuccess()) {
                quicListener = bound.getNow();
                LOG.info("tunnel server listens on {} for QUIC", bound.getNow().address());
                listen(started);
              } else {
                sockets.shutDown();
                started.setFailure(
                    new TunnelException(
                        Code.CONFIGURATION,
                        "no QUIC on UDP %s: %s"
                            .formatted(
                                NetUtil.toSocketAddressString(options.quic().get().address()),
                                bound.cause().getMessage()),
                        bound.cause()));
              }
            });
    return started;
  }

  private void listen(Promise<InetSocketAddress> started) {
    sockets
        .listen(options.address(), clients.acceptor())
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listener = bound.channel();
                InetSocketAddress address = (InetSocketAddress) bound.channel().localAddress();
                LOG.info(
                    "tunnel server listens on {} ({}), remote ports {}",
                    address,
                    options.tls().isEmpty() ? "no TLS" : options.plain() ? "TLS or not" : "TLS",
                    options.ports());
                started.setSuccess(address);
              } else {
                closeQuic(
                    () -> {
                      sockets.shutDown();
                      started.setFailure(bound.cause());
                    });
              }
            });
  }

  /** Where clients dial in over QUIC, with its real port; empty where they don't. */
  public Optional<InetSocketAddress> quicAddress() {
    var quic = quicListener;
    return quic == null ? Optional.empty() : Optional.of(quic.address());
  }

  private void closeQuic(Runnable then) {
    var quic = quicListener;
    if (quic == null) {
      then.run();
    } else {
      whenClosed(quic.close(), then);
    }
  }

  /**
   * Asks: an event loop of QUIC's own ends with its socket, and may have nobody to tell any more.
   */
  private static void whenClosed(Future<Void> closing, Runnable then) {
    if (closing.isDone()) {
      then.run();
    } else {
      GlobalEventExecutor.INSTANCE.schedule(
          () -> whenClosed(closing, then), CLOSE_CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Where clients ask for WebSocket. */
  public static String webSocketPath() {
    return Agreement.PATH;
  }

  /**
   * With which headers another server answers such a request with 101, before it gives the
   * connection to {@link #webSocketOf}; empty when the request can't be met.
   *
   * @param header gives the request's header of a name, null where it has none
   */
  public static Optional<Map<String, String>> webSocketAnswer(
      UnaryOperator<@Nullable String> header) {
    return Agreement.answer(header);
  }

  /**
   * Takes over a connection that another server has got, has answered with {@link
   * #webSocketAnswer}, and has nothing more to do with: the last handler of its pipeline.
   *
   * @param client where it comes from
   */
  public ChannelHandler webSocketOf(InetSocketAddress client) {
    return clients.acceptor().webSocketOf(client);
  }

  /**
   * Connects to a remote port: a channel to the service behind the client that has opened it.
   *
   * <p>The channel is registered on {@code loop}, with autoRead off: add handlers at the end of its
   * pipeline, then switch it on. It belongs to the caller; if the future was cancelled meanwhile,
   * it is reset. Closing it ends the stream; with {@code SO_LINGER} 0, or with bytes that could not
   * be sent, it is reset. Its bytes end with the client's session at the latest. Do not half-close
   * it: frpc then drops what the service has still to say.
   *
   * <p>A port can be dialled from {@link TunnelListener#opened} to {@link TunnelListener#closed}.
   * It is opened before its client hears that its proxy runs: users who come in the first 50 ms
   * wait for them to pass: frp clients drop a connection that overtakes the news.
   *
   * <p>Fails with {@link TunnelException}: {@code NO_SUCH_PORT}, {@code TIMEOUT} after {@link
   * TunnelLimits.Times#workConnection()}, {@code LIMIT_REACHED}, {@code CLOSED}.
   *
   * @param realm see {@link TunnelIdentity#realm}
   * @param through which clients will do: who has the port may have changed since the caller looked
   */
  public Future<Channel> dial(
      String realm, int port, EventLoop loop, Predicate<TunnelIdentity> through) {
    return clients.dial(realm, port, loop, through);
  }

  /** Ends the sessions of these clients, which may dial in again. */
  public void disconnect(Predicate<TunnelStatus.Session> which, String reason) {
    clients.disconnect(which, reason);
  }

  /** What is connected right now. */
  public TunnelStatus status() {
    return clients.status();
  }

  /**
   * Stops: no new connections and no new users at once; clients stay until their streams have
   * ended, but not longer than {@code grace}. Event loops of its own are shut down, too.
   */
  public Future<Void> stop(Duration grace) {
    Promise<Void> stopped = GlobalEventExecutor.INSTANCE.newPromise();
    Channel open = listener;
    listener = null;
    if (open != null) {
      open.close();
    }
    var quic = quicListener;
    if (quic != null) {
      quic.takeNobody();
    }
    clients.withdraw(STOPS);
    long deadline = System.nanoTime() + grace.toNanos();
    // Who has come a moment ago has a stream by then.
    GlobalEventExecutor.INSTANCE.schedule(
        () -> stopWhenIdle(deadline, stopped),
        Math.min(grace.toMillis(), STOP_CHECK_MILLIS),
        TimeUnit.MILLISECONDS);
    return stopped;
  }

  private void stopWhenIdle(long deadline, Promise<Void> stopped) {
    if (clients.streamsInUse() > 0 && System.nanoTime() - deadline < 0) {
      GlobalEventExecutor.INSTANCE.schedule(
          () -> stopWhenIdle(deadline, stopped), STOP_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      return;
    }
    clients.disconnect(session -> true, STOPS);
    clients
        .acceptor()
        .close()
        .addListener(
            closed ->
                closeQuic(
                    () -> {
                      sockets.shutDown();
                      stopped.trySuccess(null);
                    }));
  }

  /** Stops at once, and waits for it when called outside of event loops. */
  @Override
  public void close() {
    stop(Duration.ZERO).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
