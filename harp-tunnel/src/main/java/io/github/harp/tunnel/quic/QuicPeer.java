// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The other end of a UDP socket, and the one QUIC connection with it. One side dials and opens
 * streams, the other listens and takes them. All ends with the socket, and the socket with the
 * connection.
 *
 * <p>As frp does it: nobody's certificate is verified, since both know that the other knows their
 * secret. A stream is seen by the other side when its first byte comes.
 */
public final class QuicPeer {

  private static final long HANDSHAKE_SECONDS = 10;
  private static final int MOST_STREAMS = 256;

  private final QuicChannel connection;

  private QuicPeer(QuicChannel connection) {
    this.connection = connection;
  }

  /**
   * Dials the peer.
   *
   * @param socket gets datagrams of this peer only
   */
  public static Future<QuicPeer> dial(Channel socket, InetSocketAddress peer) {
    Promise<QuicPeer> dialled = promise(socket);
    var tls =
        QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols(Terms.PROTOCOL)
            .build();
    var codec = Terms.in(new QuicClientCodecBuilder()).sslContext(tls).build();
    socket.pipeline().addLast(codec);
    QuicChannel.newBootstrap(socket)
        .handler(new Connection(socket, one -> {}))
        .streamHandler(new Refusal())
        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, Terms.segmented(socket))
        .remoteAddress(peer)
        .connect()
        .addListener(
            (Future<QuicChannel> connected) -> {
              if (!connected.isSuccess()) {
                dialled.tryFailure(connected.cause());
              } else if (!dialled.trySuccess(new QuicPeer(connected.getNow()))) {
                connected.getNow().close();
              }
            });
    return dialled;
  }

  /**
   * Waits for the peer to dial.
   *
   * @param socket gets datagrams of this peer only
   * @param streams initialises each stream that the peer opens; sharable
   */
  public static Future<QuicPeer> listen(Channel socket, Credential self, ChannelHandler streams) {
    Promise<QuicPeer> accepted = promise(socket);
    var tls =
        QuicSslContextBuilder.forServer(self.key(), null, self.certificate())
            .applicationProtocols(Terms.PROTOCOL)
            .build();
    var codec =
        Terms.in(new QuicServerCodecBuilder())
            .initialMaxStreamsBidirectional(MOST_STREAMS)
            .sslContext(tls)
            .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, Terms.segmented(socket))
            .handler(new Connection(socket, one -> accepted.trySuccess(new QuicPeer(one))))
            .streamHandler(
                new ChannelInitializer<QuicStreamChannel>() {
                  @Override
                  protected void initChannel(QuicStreamChannel stream) {
                    stream.pipeline().addLast(new QuicStreamEnd(), streams);
                  }
                })
            .build();
    socket.pipeline().addLast(codec);
    return accepted;
  }

  /** Fails in time, and the socket is closed when it does. */
  private static Promise<QuicPeer> promise(Channel socket) {
    Promise<QuicPeer> promise = socket.eventLoop().newPromise();
    var timer =
        socket
            .eventLoop()
            .schedule(
                () ->
                    promise.tryFailure(
                        new TunnelException(
                            Code.TIMEOUT,
                            "no QUIC connection with the peer within " + HANDSHAKE_SECONDS + " s")),
                HANDSHAKE_SECONDS,
                TimeUnit.SECONDS);
    promise.addListener(
        done -> {
          timer.cancel(false);
          if (!done.isSuccess()) {
            socket.close();
          }
        });
    socket
        .closeFuture()
        .addListener(
            closed ->
                promise.tryFailure(new TunnelException(Code.CLOSED, "the socket was closed")));
    return promise;
  }

  /**
   * Opens a stream whose pipeline ends with {@code handler}. Of the peer that dials only. May be
   * called on any thread.
   */
  public Future<Channel> openStream(ChannelHandler handler) {
    Promise<Channel> opened = connection.eventLoop().newPromise();
    connection
        .createStream(
            QuicStreamType.BIDIRECTIONAL,
            new ChannelInitializer<QuicStreamChannel>() {
              @Override
              protected void initChannel(QuicStreamChannel stream) {
                stream.pipeline().addLast(new QuicStreamEnd(), handler);
              }
            })
        .addListener(
            (Future<QuicStreamChannel> created) -> {
              if (created.isSuccess()) {
                opened.trySuccess(created.getNow());
              } else {
                opened.tryFailure(created.cause());
              }
            });
    return opened;
  }

  /** Completes when nothing is carried any more. */
  public Future<Void> closed() {
    return connection.closeFuture();
  }

  /** Ends all streams. */
  public void close() {
    connection.close();
  }

  /** There is one, which takes its socket with it. */
  private static final class Connection extends ChannelInitializer<QuicChannel> {

    private final Channel socket;
    private final Consumer<QuicChannel> established;
    private boolean taken;

    Connection(Channel socket, Consumer<QuicChannel> established) {
      this.socket = socket;
      this.established = established;
    }

    @Override
    protected void initChannel(QuicChannel connection) {
      if (taken) {
        connection.close();
        return;
      }
      taken = true;
      connection.pipeline().addLast(new SignsOfLife(() -> established.accept(connection)));
      connection.closeFuture().addListener(closed -> socket.close());
    }
  }

  /** The peer has no reason to open streams. */
  private static final class Refusal extends ChannelInitializer<QuicStreamChannel> {

    @Override
    protected void initChannel(QuicStreamChannel stream) {
      stream.close();
    }
  }
}
