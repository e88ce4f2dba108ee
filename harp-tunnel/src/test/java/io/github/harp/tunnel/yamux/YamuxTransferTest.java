// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Both sides of a session over a real connection: every byte arrives, in order, and nobody waits
 * for others.
 */
class YamuxTransferTest {

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final YamuxSession client = YamuxSession.client(new YamuxSession.Options());
  private Channel listener;
  private Channel connection;

  @BeforeEach
  void connect() {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            YamuxSession.server(new YamuxSession.Options(), new EchoInitializer()));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
    connection =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .handler(client)
            .connect(listener.localAddress())
            .syncUninterruptibly()
            .channel();
  }

  @AfterEach
  void disconnect() {
    connection.close().syncUninterruptibly();
    listener.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void sixtyFourMebibytesComeBackUnchanged() throws Exception {
    Exchange exchange = new Exchange(64 << 20);
    client.openStream(exchange);

    exchange.done.get(60, TimeUnit.SECONDS);

    assertThat(exchange.received.getValue()).isEqualTo(exchange.sent.getValue());
  }

  @Test
  void twoHundredStreamsAtATime() throws Exception {
    List<Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Exchange exchange = new Exchange(100_000 + i);
      exchanges.add(exchange);
      client.openStream(exchange);
    }

    for (Exchange exchange : exchanges) {
      exchange.done.get(60, TimeUnit.SECONDS);
      assertThat(exchange.received.getValue()).isEqualTo(exchange.sent.getValue());
    }
  }

  @Test
  void aStalledReaderDoesNotStallItsNeighbour() throws Exception {
    Exchange stalled = new Exchange(16 << 20);
    Channel stalledStream = client.openStream(stalled).get(30, TimeUnit.SECONDS);
    stalledStream.config().setAutoRead(false);
    Exchange brisk = new Exchange(16 << 20);
    client.openStream(brisk);

    brisk.done.get(60, TimeUnit.SECONDS);
    assertThat(stalled.done).isNotDone();

    stalledStream.config().setAutoRead(true);
    stalled.done.get(60, TimeUnit.SECONDS);
  }

  @ChannelHandler.Sharable
  private static final class EchoInitializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      channel.pipeline().addLast(new Echo());
    }
  }

  /**
   * Sends everything back, reads only while it can write, and ends its side when the peer has
   * ended.
   */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ctx.write(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
      ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      ctx.channel().config().setAutoRead(ctx.channel().isWritable() || ended);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ended = true;
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(sent -> ((DuplexChannel) ctx.channel()).shutdownOutput());
      }
    }
  }

  /** Sends a number of bytes as fast as the stream is writable, and reads until the peer ends. */
  private static final class Exchange extends ChannelInboundHandlerAdapter {
    final CompletableFuture<Void> done = new CompletableFuture<>();
    final CRC32 sent = new CRC32();
    final CRC32 received = new CRC32();
    private int left;
    private int seed = 1;

    Exchange(int bytes) {
      left = bytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      send(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      send(ctx);
    }

    private void send(ChannelHandlerContext ctx) {
      while (left > 0 && ctx.channel().isWritable()) {
        byte[] piece = new byte[Math.min(left, 10_007)];
        for (int i = 0; i < piece.length; i++) {
          seed = seed * 1_103_515_245 + 12_345;
          piece[i] = (byte) (seed >>> 16);
        }
        sent.update(piece);
        left -= piece.length;
        var written = ctx.writeAndFlush(Unpooled.wrappedBuffer(piece));
        if (left == 0) {
          written.addListener(last -> ((DuplexChannel) ctx.channel()).shutdownOutput());
        }
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      received.update(bytes.nioBuffer());
      bytes.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ctx.close();
        done.complete(null);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      done.completeExceptionally(new IllegalStateException("the stream ended early"));
    }
  }
}
