// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Copies bytes between two channels of one event loop, each as fast as the other takes them.
 *
 * <p>As in frp, both are closed when either ends; a reset stays a reset.
 */
final class Relay extends ChannelInboundHandlerAdapter {

  private @Nullable Channel other;
  private boolean failed;

  /**
   * Joins the channel that this handler is in with one that it is not in yet; autoRead of both is
   * off.
   */
  void join(Channel mine, Channel theirs) {
    Relay back = new Relay();
    other = theirs;
    back.other = mine;
    theirs.pipeline().addLast(back);
    if (!mine.isActive()) {
      WorkConnection.reset(theirs);
      return;
    }
    mine.config().setAutoRead(true);
    theirs.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (other == null) {
      ReferenceCountUtil.release(msg);
      ctx.close();
    } else {
      other.write(msg, other.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (other != null) {
      other.flush();
      if (!other.isWritable()) {
        ctx.channel().config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (other != null) {
      other.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Channel peer = other;
    if (peer == null || !peer.isOpen()) {
      return;
    }
    if (failed) {
      WorkConnection.reset(peer);
    } else {
      peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> peer.close());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed = true;
    ctx.close();
  }
}
