// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.carrier.FirstReads;
import io.github.harp.tunnel.quic.QuicCarrier;
import io.github.harp.tunnel.quic.QuicListener;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.accept.Connection.Stage;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.websocket.WebSocketBytes;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/** The first thing that happens to an accepted connection: it is counted, timed, and looked at. */
@ChannelHandler.Sharable
public final class Acceptor extends ChannelInitializer<Channel> {

  /** What the detectors need to know. */
  record Openings(
      TunnelServerOptions options,
      YamuxSession.Options yamux,
      Function<Connection, ChannelHandler> streams) {}

  /** A client streams only its login before it is known. */
  private static final int STREAMS_BEFORE_LOGIN = 4;

  /** What has been given to the kernel cannot be overtaken by a small answer any more. */
  private static final long UNSENT_BYTES_IN_KERNEL = 128 * 1024;

  /** Of what all clients may keep, as much again behind bytes that have not come over QUIC. */
  private static final int PARTS_FOR_GAPS = 8;

  private final NewConnections newConnections;
  private final BalancedClient.Unannounced unannounced;
  private final Openings openings;
  private final Refusals refusals;
  private final LoginPenalties penalties = new LoginPenalties();
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  /**
   * @param streams gives the initializer of the streams of a connection
   */
  public Acceptor(
      TunnelServerOptions options,
      HeldBytes heldBytes,
      Function<Connection, ChannelHandler> streams) {
    this(
        options,
        new YamuxSession.Options(
            STREAMS_BEFORE_LOGIN,
            options.limits().perClient().budgetBytes(),
            new YamuxSession.Pings(),
            heldBytes),
        false,
        streams);
  }

  /** The same for other servers, of whom a certificate says enough for such a session. */
  public Acceptor(
      TunnelServerOptions options,
      YamuxSession.Options yamux,
      Function<Connection, ChannelHandler> arrivals) {
    this(options, yamux, true, arrivals);
  }

  private Acceptor(
      TunnelServerOptions options,
      YamuxSession.Options yamux,
      boolean areServers,
      Function<Connection, ChannelHandler> streams) {
    newConnections = new NewConnections(options.limits().newcomers(), options.bans());
    unannounced = new BalancedClient.Unannounced(options.limits().newcomers().inTotal());
    openings = new Openings(options, yamux, streams);
    refusals = new Refusals(areServers, options.listener(), System::nanoTime);
  }

  @Override
  protected void initChannel(Channel channel) {
    watch(channel);
    if (!(channel.remoteAddress() instanceof InetSocketAddress address)) {
      channel.close();
      return;
    }
    if (channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES_IN_KERNEL);
    }
    FirstReads.install(channel);
    if (openings.options().balancers().test(address.getAddress())) {
      channel
          .pipeline()
          .addLast(new BalancedClient(address, patience(), unannounced, refusals, this::begin));
    } else {
      begin(channel, address);
    }
  }

  private void watch(Channel channel) {
    open.add(channel);
    channel.attr(ErrorAlarm.LISTENER).set(openings.options().onFatalError());
  }

  private void begin(Channel channel, InetSocketAddress client) {
    detect(channel, client, Around.NOTHING);
  }

  private void detect(Channel channel, InetSocketAddress client, Around around) {
    var connection =
        new Connection(channel, client, newConnections, refusals, penalties, patience());
    channel.pipeline().addLast(new ProtocolDetector(connection, openings, around));
  }

  /**
   * Makes a client's connection of a channel on which its request for WebSocket has been answered.
   *
   * @param client where it comes from
   */
  public ChannelHandler webSocketOf(InetSocketAddress client) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        watch(channel);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.pipeline().addLast(WebSocketBytes.ofServer(channel));
        detect(channel, client, Around.PROXY);
      }
    };
  }

  /** Listens for clients over QUIC, which need nothing around their streams. */
  public Future<QuicListener> listen(EventLoop loop, TunnelServerOptions.Quic quic) {
    return QuicListener.listen(
        loop,
        quic.address(),
        openings.options().limits().perClient().streams(),
        openings.options().limits().heldBytes() / PARTS_FOR_GAPS,
        quic.credentials(),
        this::beginOverQuic);
  }

  private void beginOverQuic(Channel channel, InetSocketAddress client) {
    watch(channel);
    var connection =
        new Connection(channel, client, newConnections, refusals, penalties, patience());
    channel.pipeline().addLast(new QuicArrival(connection));
    var yamux = openings.yamux();
    connection.carry(
        QuicCarrier.server(
            channel, yamux.maxStreams(), yamux.heldBytes(), openings.streams().apply(connection)));
  }

  private Duration patience() {
    return openings.options().limits().times().firstMessage();
  }

  /** Connections that nobody has logged in on yet. */
  public int newConnections() {
    return newConnections.count() + unannounced.count();
  }

  /** Ends all connections. */
  public Future<Void> close() {
    return open.close();
  }

  /** How far a connection over QUIC has come, and why it comes no further. */
  private static final class QuicArrival extends ChannelInboundHandlerAdapter {

    private final Connection connection;

    QuicArrival(Connection connection) {
      this.connection = connection;
      connection.reached(Stage.SPEAKING);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      connection.reached(Stage.SECURE);
      ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
        refused(done.cause());
      }
      ctx.fireUserEventTriggered(event);
    }

    private void refused(Throwable cause) {
      var mismatch = TlsMismatch.of(cause);
      connection.refused(mismatch.code(), mismatch.text());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
      if (cause instanceof SSLException) {
        refused(cause);
      }
      ctx.close();
    }
  }
}
