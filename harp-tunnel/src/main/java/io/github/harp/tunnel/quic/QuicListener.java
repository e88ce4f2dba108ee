// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.carrier.DatagramSockets;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket at which clients dial in over QUIC. All of them are on its event loop. Who does not
 * get what is sent to his address costs nothing here: see {@link AddressTokens}.
 */
public final class QuicListener {

  private static final long SHUTDOWN_SECONDS = 2;

  private final Supplier<ServerCredentials> credentials;
  private final BiConsumer<Channel, InetSocketAddress> begin;
  private final Channel socket;
  private @Nullable ServerCredentials known;
  private @Nullable QuicSslContext context;
  private final GapGuard gaps;
  private volatile boolean takesNobody;

  private QuicListener(
      Channel socket,
      int mostStreams,
      long mostBehindGaps,
      Supplier<ServerCredentials> credentials,
      BiConsumer<Channel, InetSocketAddress> begin) {
    this.socket = socket;
    this.gaps = new GapGuard(mostBehindGaps, socket.eventLoop().ticker());
    this.credentials = credentials;
    this.begin = begin;
    var codec =
        Terms.in(new QuicServerCodecBuilder())
            .initialMaxStreamsBidirectional(mostStreams)
            .tokenHandler(new AddressTokens(socket.eventLoop().ticker()))
            .sslEngineProvider(this::newEngine)
            .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, Terms.segmented(socket))
            .handler(new Newcomers())
            .streamHandler(QuicCarrier.streamsOfPeers())
            .build();
    socket.pipeline().addLast(new BeginningSize(), gaps, new HandshakesFirst(), codec);
  }

  /**
   * Listens, on an event loop of its own if need be.
   *
   * @param mostStreams that a client may ever have at a time
   * @param mostBehindGaps bytes of all clients that QUIC's library may keep behind bytes that have
   *     not come; half of it of one
   * @param credentials asked for each connection, so that renewed ones take effect
   * @param begin gives a new connection what it needs, a {@link QuicCarrier} above all; its
   *     handshake has not begun
   */
  public static Future<QuicListener> listen(
      EventLoop loop,
      InetSocketAddress address,
      int mostStreams,
      long mostBehindGaps,
      Supplier<ServerCredentials> credentials,
      BiConsumer<Channel, InetSocketAddress> begin) {
    Promise<QuicListener> listening = loop.newPromise();
    var own = ownLoop(loop);
    DatagramSockets.on(own.orElse(loop))
        .bind(address)
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listening.setSuccess(
                    new QuicListener(
                        bound.channel(), mostStreams, mostBehindGaps, credentials, begin));
              } else {
                listening.setFailure(bound.cause());
              }
              own.ifPresent(it -> bound.channel().closeFuture().addListener(end -> shutDown(it)));
            });
    return listening;
  }

  /** For connections of a transport that has no UDP sockets here, io_uring. */
  private static Optional<EventLoop> ownLoop(EventLoop loop) {
    return SocketKind.find(loop).isPresent()
        ? Optional.empty()
        : Optional.of(SocketKind.best().newLoops(1, "tunnel-quic").next());
  }

  private static void shutDown(EventLoop own) {
    own.parent().shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) socket.localAddress();
  }

  /** From now on nobody new is let in. */
  public void takeNobody() {
    takesNobody = true;
  }

  /** Ends all connections. */
  public Future<Void> close() {
    return socket.close();
  }

  private QuicSslEngine newEngine(QuicChannel connection) {
    var now = credentials.get();
    if (context == null || !now.equals(known)) {
      known = now;
      context = QuicContexts.server(now);
    }
    return context.newEngine(connection.alloc());
  }

  private final class Newcomers extends ChannelInitializer<QuicChannel> {

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    protected void initChannel(QuicChannel connection) {
      if (takesNobody) {
        connection.close();
        return;
      }
      connection.pipeline().addLast(new SignsOfLife(() -> {}), new QuicContexts.PeerAlerts());
      var client = (InetSocketAddress) connection.remoteSocketAddress();
      begin.accept(connection, client);
      QuicCarrier.unreadOf(connection)
          .ifPresent(unread -> gaps.watch(client, unread, connection.closeFuture()));
    }
  }

  /**
   * Drops datagrams that may begin a connection and are smaller than those of a client are: what
   * they would be answered with, a request to come again or a list of versions, may be larger than
   * they are, and go to whomever their sender has named.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9000#section-14.1">RFC 9000, section 14.1</a>
   */
  private static final class BeginningSize extends ChannelInboundHandlerAdapter {

    private static final int LEAST_BYTES = 1_200;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof DatagramPacket packet && isTooSmall(packet.content())) {
        ReferenceCountUtil.release(message);
      } else {
        ctx.fireChannelRead(message);
      }
    }

    private static boolean isTooSmall(ByteBuf bytes) {
      return bytes.readableBytes() < LEAST_BYTES
          && LongPackets.areIn(bytes)
          && !LongPackets.goOn(bytes);
    }
  }

  /**
   * Lets a handshake go on before what follows it in the same read. The library verifies a client's
   * certificate when the read is complete, and goes on with the handshake in a task of the event
   * loop; until then it drops what the client says next, and afterwards what stands in one datagram
   * behind a packet of the handshake. frp's clients take that for congestion: they leave their slow
   * start at once, and then take long to fill a line that is long.
   */
  static final class HandshakesFirst extends ChannelInboundHandlerAdapter {

    /** Of all clients, for a turn of the event loop; more are dropped, as the kernel would. */
    static final int MOST = 128;

    private final Queue<Object> behind = new ArrayDeque<>();
    private boolean handshakes;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof DatagramPacket packet) {
        var all = packet.content();
        int handshake = LongPackets.bytes(all);
        if (handshake > 0 && handshake < all.readableBytes()) {
          read(ctx, packet.replace(all.readRetainedSlice(handshake)));
          read(ctx, packet.replace(all.readRetainedSlice(all.readableBytes())));
          packet.release();
          return;
        }
      }
      read(ctx, message);
    }

    private void read(ChannelHandlerContext ctx, Object message) {
      var handshake = isHandshake(message);
      if (behind.size() >= MOST) {
        ReferenceCountUtil.release(message);
      } else if (!behind.isEmpty()) {
        behind.add(message);
      } else if (handshakes && !handshake) {
        behind.add(message);
        ctx.fireChannelReadComplete();
        ctx.executor().execute(() -> goOn(ctx));
      } else {
        ctx.fireChannelRead(message);
      }
      handshakes = handshake;
    }

    /** What comes after handshakes has a short header. */
    private static boolean isHandshake(Object message) {
      return message instanceof DatagramPacket packet && LongPackets.areIn(packet.content());
    }

    private void goOn(ChannelHandlerContext ctx) {
      var before = false;
      for (var next = behind.peek(); next != null; next = behind.peek()) {
        var handshake = isHandshake(next);
        if (before && !handshake) {
          ctx.fireChannelReadComplete();
          ctx.executor().execute(() -> goOn(ctx));
          return;
        }
        before = handshake;
        ctx.fireChannelRead(behind.remove());
      }
      ctx.fireChannelReadComplete();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      handshakes = false;
      ctx.fireChannelReadComplete();
    }
  }

  /**
   * Packets of a handshake, of which several may stand in one datagram, and behind them one with a
   * short header.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9000#section-17.2">RFC 9000, section 17.2</a>
   */
  static final class LongPackets {

    /** Of the first byte. */
    private static final int LONG_HEADER = 0x80;

    /** And which of them it is. */
    private static final int TYPE = 0x30;

    private static final int VERSION_1 = 1;
    private static final int INITIAL = 0x00;
    private static final int HANDSHAKE = 0x20;
    private static final int RETRY = 0x30;

    /** Of a number's first byte: two bits that say how many bytes follow, 0, 1, 3 or 7. */
    private static final int NUMBER_BITS = 6;

    private LongPackets() {}

    /** Whether a datagram is of a handshake, or begins one. */
    static boolean areIn(ByteBuf datagram) {
      return datagram.isReadable() && (datagram.getByte(datagram.readerIndex()) & LONG_HEADER) != 0;
    }

    /** Whether they are those of a handshake that has begun, which nobody else sends. */
    static boolean goOn(ByteBuf datagram) {
      var from = datagram.readerIndex();
      return areIn(datagram)
          && datagram.readableBytes() > 1 + Integer.BYTES
          && (datagram.getByte(from) & TYPE) == HANDSHAKE
          && datagram.getInt(from + 1) == VERSION_1;
    }

    /** How many bytes of a datagram they take; all, where that can't be read. */
    static int bytes(ByteBuf datagram) {
      var rest = datagram.slice();
      while (areIn(rest)) {
        if (!skipPacket(rest)) {
          return datagram.readableBytes();
        }
      }
      return rest.readerIndex();
    }

    private static boolean skipPacket(ByteBuf bytes) {
      int type = bytes.readByte() & TYPE;
      return type != RETRY
          && bytes.readableBytes() >= Integer.BYTES
          && bytes.readInt() == VERSION_1
          && skipConnectionId(bytes)
          && skipConnectionId(bytes)
          && (type != INITIAL || skipCounted(bytes))
          && skipCounted(bytes);
    }

    private static boolean skipConnectionId(ByteBuf bytes) {
      return bytes.isReadable() && skip(bytes, bytes.readUnsignedByte());
    }

    /** A token, or a packet's number and payload. */
    private static boolean skipCounted(ByteBuf bytes) {
      if (!bytes.isReadable()) {
        return false;
      }
      int first = bytes.readUnsignedByte();
      int more = (1 << (first >> NUMBER_BITS)) - 1;
      if (bytes.readableBytes() < more) {
        return false;
      }
      long count = first & (1 << NUMBER_BITS) - 1;
      for (; more > 0; more--) {
        count = count << Byte.SIZE | bytes.readUnsignedByte();
      }
      return skip(bytes, count);
    }

    private static boolean skip(ByteBuf bytes, long count) {
      if (count > bytes.readableBytes()) {
        return false;
      }
      bytes.skipBytes((int) count);
      return true;
    }
  }
}
