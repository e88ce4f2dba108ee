// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.TunnelServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/**
 * Somebody who uses a remote port: dials it, gives the service an order, and keeps count of what
 * comes back.
 */
final class TunnelUser extends ChannelInboundHandlerAdapter {

  final CompletableFuture<Long> ended = new CompletableFuture<>();
  private final CRC32C checksum = new CRC32C();
  private final StringBuffer head = new StringBuffer();
  private volatile long received;
  private volatile Throwable error;
  private Channel channel;

  static TunnelUser dial(TunnelServer server, int port, EventLoop loop) throws Exception {
    TunnelUser user = new TunnelUser();
    CompletableFuture<Channel> ready = new CompletableFuture<>();
    server
        .dial("", port, loop, anybody -> true)
        .addListener(
            (Future<Channel> dialled) -> {
              if (dialled.isSuccess()) {
                dialled.getNow().pipeline().addLast(user);
                dialled.getNow().config().setAutoRead(true);
                ready.complete(dialled.getNow());
              } else {
                ready.completeExceptionally(dialled.cause());
              }
            });
    try {
      user.channel = ready.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
    return user;
  }

  Channel channel() {
    return channel;
  }

  TunnelUser says(String text) {
    channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    return this;
  }

  /** The number of bytes until the end, which must come, and some meanwhile. */
  long awaitEnd() throws Exception {
    for (long before = -1; before < received; ) {
      before = received;
      try {
        return ended.get(60, TimeUnit.SECONDS);
      } catch (TimeoutException stillComing) {
        // Or not: then it is over.
      }
    }
    throw new TimeoutException("nothing came for a minute after " + received + " bytes");
  }

  long received() {
    return received;
  }

  long checksum() {
    return checksum.getValue();
  }

  String head() {
    return head.toString();
  }

  Throwable error() {
    return error;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (head.length() < 1000) {
      head.append(bytes.toString(StandardCharsets.ISO_8859_1));
    }
    checksum.update(bytes.nioBuffer());
    received += bytes.readableBytes();
    bytes.release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    error = cause;
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended.complete(received);
  }
}
