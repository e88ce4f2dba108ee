// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.dial;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.TcpCarrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelTransport;
import io.github.harp.tunnel.quic.QuicCarrier;
import io.github.harp.tunnel.quic.QuicContexts;
import io.github.harp.tunnel.quic.QuicSupport;
import io.github.harp.tunnel.websocket.ClientHandshake;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to the tunnel server that are ready for frp's bytes: QUIC, or TCP, then TLS and
 * WebSocket as far as there are to be any.
 */
public final class ServerDialer {

  /**
   * A server needs a pool and a replacement per user; one that asks for more than this is out of
   * order.
   */
  private static final int MOST_STREAMS = 2_000;

  private static final byte FRP_TLS_FIRST_BYTE = 0x17;

  private final TunnelClientOptions options;
  private final Connector connector;
  private final BlockingWork blocking;
  private final EventLoop loop;

  public ServerDialer(
      TunnelClientOptions options, Connector connector, BlockingWork blocking, EventLoop loop) {
    this.options = options;
    this.connector = connector;
    this.blocking = blocking;
    this.loop = loop;
  }

  /** What is to carry streams on a connection that was dialled. */
  public Carrier carrierOn(Channel connection) {
    var usual = new YamuxSession.Options();
    if (options.transport() == TunnelTransport.QUIC) {
      return QuicCarrier.client(connection, MOST_STREAMS, usual.heldBytes());
    }
    if (!options.tcpMux()) {
      return TcpCarrier.client(connection, MOST_STREAMS, () -> dial(new FailureNote()));
    }
    return YamuxCarrier.client(
        connection,
        new YamuxSession.Options(
            MOST_STREAMS,
            usual.budgetBytes(),
            new YamuxSession.Pings(options.muxKeepAlive()),
            usual.heldBytes()));
  }

  /**
   * @param note remembers what breaks the connection; what uses it goes behind the note
   */
  public Future<Channel> dial(FailureNote note) {
    Promise<Channel> ready = loop.newPromise();
    if (options.transport() == TunnelTransport.QUIC) {
      dialOverQuic(note, ready);
      return ready;
    }
    var tls = options.tls();
    if (tls.isEmpty()) {
      connect(null, note, ready);
      return ready;
    }
    blocking
        .call(tls.get().context())
        .whenCompleteAsync(
            (context, failure) -> {
              if (failure == null) {
                connect(new Encryption(tls.get(), context), note, ready);
              } else {
                ready.tryFailure(failure);
              }
            },
            loop);
    return ready;
  }

  private void dialOverQuic(FailureNote note, Promise<Channel> ready) {
    var tls = options.tls();
    blocking
        .call(() -> contextForQuic(tls))
        .whenCompleteAsync(
            (context, failure) -> {
              if (failure != null) {
                ready.tryFailure(failure);
                return;
              }
              var host = options.serverAddress();
              var name = tls.flatMap(TunnelClientTls::serverName).orElse(host);
              connector
                  .quic(host, options.serverPort(), context, name, note)
                  .addListener(new PromiseNotifier<Channel, Future<Channel>>(ready));
            },
            loop);
  }

  private static SslContext contextForQuic(Optional<TunnelClientTls> tls) throws Exception {
    var obstacle = QuicSupport.obstacle();
    if (obstacle.isPresent()) {
      throw new TunnelException(Code.CONFIGURATION, obstacle.get());
    }
    return tls.isEmpty()
        ? QuicContexts.client(null, List.of(), List.of())
        : tls.get().quicContext().orElseThrow(ServerDialer::noFiles).call();
  }

  private static TunnelException noFiles() {
    return new TunnelException(
        Code.CONFIGURATION, "QUIC has a TLS of its own; expected certificates in files");
  }

  private record Encryption(TunnelClientTls tls, SslContext context) {}

  /** What comes around frp's bytes; waits for an agreement with the server. */
  @FunctionalInterface
  private interface Layer {
    Future<?> putInto(Channel channel);
  }

  private void connect(@Nullable Encryption encryption, FailureNote note, Promise<Channel> ready) {
    var layers = new ArrayDeque<Layer>();
    if (encryption != null) {
      layers.add(channel -> encrypt(channel, note, encryption));
    }
    switch (options.transport()) {
      case TCP, QUIC -> {}
      case WEBSOCKET -> layers.addFirst(channel -> askForWebSocket(channel, note));
      case WSS -> layers.addLast(channel -> askForWebSocket(channel, note));
    }
    connector
        .tcp(options.serverAddress(), options.serverPort(), new Noted(note))
        .addListener(
            (Future<Channel> connected) -> {
              if (connected.isSuccess()) {
                putInto(connected.getNow(), layers, ready);
              } else {
                ready.tryFailure(connected.cause());
              }
            });
  }

  private static void putInto(Channel channel, Queue<Layer> layers, Promise<Channel> ready) {
    var next = layers.poll();
    if (next == null) {
      ready.trySuccess(channel);
      return;
    }
    next.putInto(channel)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                putInto(channel, layers, ready);
              } else {
                channel.close();
                ready.tryFailure(done.cause());
              }
            });
  }

  private Future<Channel> encrypt(Channel channel, FailureNote note, Encryption encryption) {
    var name = encryption.tls().serverName().orElse(options.serverAddress());
    var handler = encryption.context().newHandler(channel.alloc(), name, options.serverPort());
    handler.setHandshakeTimeoutMillis(options.connectTimeout().toMillis());
    if (encryption.tls().frpFirstByte() && options.transport() != TunnelTransport.WSS) {
      channel.write(Unpooled.buffer(1).writeByte(FRP_TLS_FIRST_BYTE));
    }
    channel.pipeline().addBefore(channel.pipeline().context(note).name(), null, handler);
    return handler.handshakeFuture();
  }

  private Future<Void> askForWebSocket(Channel channel, FailureNote note) {
    Promise<Void> agreed = loop.newPromise();
    var host = options.serverAddress();
    var server = (host.contains(":") ? "[" + host + "]" : host) + ":" + options.serverPort();
    var handshake = new ClientHandshake(server, options.connectTimeout(), agreed);
    channel.pipeline().addBefore(channel.pipeline().context(note).name(), null, handshake);
    return agreed;
  }

  private static final class Noted extends ChannelInitializer<Channel> {
    private final FailureNote note;

    private Noted(FailureNote note) {
      this.note = note;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel.pipeline().addLast(note);
    }
  }
}
