// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An ExApp for thousands of connections at once: {@code /big} is an answer without an end, as fast
 * as it is taken, {@code /crumbs} one in chunks of a byte, {@code /heads} one with a head of 50,000
 * bytes, {@code /trailers} one with as much behind its body, {@code /never} gets none, {@code
 * /deaf} reads no body, anything else is answered with {@code ok}.
 */
final class BoundlessExApp implements AutoCloseable {

  private static final ByteBuf BLOCK =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(32 * 1024).writeZero(32 * 1024))
          .asReadOnly();

  private static final ByteBuf CRUMBS =
      Unpooled.unreleasableBuffer(
              Unpooled.directBuffer()
                  .writeBytes("1\r\nx\r\n".repeat(5_000).getBytes(StandardCharsets.US_ASCII)))
          .asReadOnly();

  private static final String MANY_HEADERS = ("x: " + "y".repeat(245) + "\r\n").repeat(200);

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final AtomicInteger requests = new AtomicInteger();
  private final Channel listener;

  BoundlessExApp() {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 4096)
            // Else the kernel would keep gigabytes for it, copied by the processors of the test.
            .childOption(ChannelOption.SO_SNDBUF, 16 * 1024)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Connection());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** How many have come. */
  int requests() {
    return requests.get();
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Connection extends ChannelInboundHandlerAdapter {

    private final StringBuilder head = new StringBuilder();
    private @Nullable ByteBuf pours;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      head.append(bytes.toString(StandardCharsets.ISO_8859_1));
      bytes.release();
      for (int end = head.indexOf("\r\n\r\n"); end >= 0; end = head.indexOf("\r\n\r\n")) {
        var target = head.substring(0, end).split(" ", 3)[1];
        head.delete(0, end + 4);
        requests.incrementAndGet();
        answer(ctx, target);
      }
    }

    private void answer(ChannelHandlerContext ctx, String target) {
      switch (target) {
        case "/big" -> {
          send(ctx, "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n");
          pour(ctx, BLOCK);
        }
        case "/crumbs" -> {
          send(ctx, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
          pour(ctx, CRUMBS);
        }
        case "/heads" ->
            send(ctx, "HTTP/1.1 200 OK\r\n" + MANY_HEADERS + "content-length: 2\r\n\r\nok");
        case "/trailers" ->
            send(
                ctx,
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                    + MANY_HEADERS
                    + "\r\n");
        case "/never" -> ctx.read();
        case "/deaf" -> ctx.channel().config().setAutoRead(false);
        default -> send(ctx, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      }
    }

    private void pour(ChannelHandlerContext ctx, ByteBuf block) {
      pours = block;
      while (ctx.channel().isWritable()) {
        ctx.write(block.duplicate());
      }
      ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (pours != null) {
        pour(ctx, pours);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private static void send(ChannelHandlerContext ctx, String text) {
    ctx.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }
}
