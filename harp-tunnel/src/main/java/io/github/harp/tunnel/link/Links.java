// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import io.github.harp.tunnel.carrier.ServerSockets;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.WebSockets;
import io.github.harp.tunnel.server.accept.Acceptor;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one server reaches at others that share its secret, and they at it: to each of them one
 * connection, with TLS, of which both sides show a certificate. Each stream in it says where it
 * wants to go, and is a channel like any other from then on: back pressure, ends and resets pass.
 *
 * <p>Thread-safe. Futures complete on event loops.
 */
public final class Links {

  /** Where others dial, unless it is said. */
  public static final int DEFAULT_PORT = 8783;

  /** Most characters of what a stream may ask for. */
  public static final int MAX_DESTINATION = 512;

  private static final int MAX_STREAMS = 4_096;

  /** Beyond it those that are not there are forgotten, and who dials in makes room. */
  private static final int MAX_LINKS = 256;

  /** What yamux gives each stream at least, twice. */
  private static final long BUDGET_BYTES = MAX_STREAMS * (512L << 10);

  /** Peers are few, and each has one connection here. */
  private static final TunnelLimits.Newcomers NEWCOMERS = new TunnelLimits.Newcomers(256, 16, 1);

  private final LinkOptions options;
  private final YamuxSession.Options session;
  private final Map<String, Link> links = new ConcurrentHashMap<>();
  private final Callers callers = new Callers(MAX_LINKS);
  private final ServerSockets sockets;
  private final Acceptor acceptor;
  private volatile @Nullable Channel listener;

  /**
   * A server that does not listen yet.
   *
   * @param receiver connects those who come from others
   */
  public Links(LinkOptions options, LinkReceiver receiver) {
    this.options = options;
    this.session =
        new YamuxSession.Options(
            MAX_STREAMS,
            BUDGET_BYTES,
            options.times().pings(),
            HeldBytes.limitedTo(options.heldBytes()));
    this.sockets = new ServerSockets(options.loops(), false);
    var usual = new TunnelLimits();
    var server =
        TunnelServerOptions.builder()
            .address(options.address())
            .tls(options.certificates()::server)
            .webSockets(WebSockets.OFF)
            .onFatalError(options.onFatalError())
            .limits(
                new TunnelLimits(
                    times(options.times(), usual.times()),
                    NEWCOMERS,
                    new TunnelLimits.PerClient(MAX_STREAMS, 1, 0, BUDGET_BYTES),
                    usual.clients(),
                    usual.heldBytes()))
            .build();
    this.acceptor = new Acceptor(server, session, connection -> arrivals(connection, receiver));
  }

  /** Who has said nothing by then has dialled in vain: whoever dials gives up as soon. */
  private static TunnelLimits.Times times(LinkOptions.Times ours, TunnelLimits.Times usual) {
    return new TunnelLimits.Times(
        ours.connect().plus(ours.answer()),
        usual.decision(),
        usual.workConnection(),
        usual.heartbeat());
  }

  private ChannelHandler arrivals(Connection connection, LinkReceiver receiver) {
    return new ChannelInitializer<>() {
      private boolean isKnown;

      @Override
      protected void initChannel(Channel stream) {
        stream
            .pipeline()
            .addLast(
                new Arrival(
                    receiver, options.times().answer(), session.heldBytes().idle(), this::known));
      }

      private void known() {
        if (!isKnown) {
          isKnown = true;
          connection.known(MAX_STREAMS);
          callers.add(connection);
        }
      }
    };
  }

  /** Listens; gives the address, with its real port. */
  public Future<InetSocketAddress> start() {
    Promise<InetSocketAddress> started = sockets.workers().next().newPromise();
    sockets
        .listen(options.address(), acceptor)
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listener = bound.channel();
                started.setSuccess((InetSocketAddress) bound.channel().localAddress());
              } else {
                started.setFailure(bound.cause());
              }
            });
    return started;
  }

  /**
   * Connects to something at another server, as {@link io.github.harp.tunnel.TunnelServer#dial}
   * does to a remote port. Fails with {@link io.github.harp.tunnel.TunnelException}.
   *
   * @param destination what its receiver is asked for
   */
  public Future<Channel> dial(LinkedNode node, String destination, EventLoop loop) {
    if (links.size() >= MAX_LINKS) {
      links.values().removeIf(link -> !link.status().connected());
    }
    return links
        .computeIfAbsent(node.toString(), it -> new Link(node, options, session))
        .dial(destination, loop);
  }

  /** The connections that this server has made. */
  public List<LinkStatus> status() {
    return links.values().stream().map(Link::status).toList();
  }

  /** Ends all connections, and takes no more. */
  public void close() {
    var open = listener;
    if (open != null) {
      open.close();
    }
    links.values().forEach(Link::close);
    acceptor.close();
  }
}
