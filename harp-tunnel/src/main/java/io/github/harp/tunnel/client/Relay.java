// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pair of channels on one event loop: what one reads the other writes, as fast as the
 * slower of them.
 *
 * <p>As in frp, the end of either direction ends both, after everything read has been written. A
 * channel that breaks resets the other, so that a truncated answer does not look complete.
 */
final class Relay extends ChannelInboundHandlerAdapter {

  private final Queue<Object> early = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Channel peer;
  private boolean broken;

  /**
   * Starts relaying between this handler's channel and another one that does not read yet. Until
   * now this end has kept what it was given.
   */
  void join(Channel other) {
    var end = new Relay();
    other.pipeline().addLast(end);
    var own = context == null ? null : context.channel();
    if (own == null || !own.isActive()) {
      other.close();
      return;
    }
    end.peer = own;
    peer = other;
    early.forEach(other::write);
    early.clear();
    other.flush();
    own.config().setAutoRead(other.isWritable());
    other.config().setAutoRead(own.isWritable());
    if (!other.isActive()) {
      end.endPeer();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    releaseEarly();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    var target = peer;
    if (target == null) {
      early.add(msg);
      return;
    }
    target.write(msg, target.voidPromise());
    if (!target.isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (peer != null) {
      peer.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (peer != null) {
      peer.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    endPeer();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken = true;
    ctx.close();
  }

  private void endPeer() {
    releaseEarly();
    var target = peer;
    if (target == null || !target.isOpen()) {
      return;
    }
    if (broken) {
      target.config().setOption(ChannelOption.SO_LINGER, 0);
      target.close();
    } else {
      target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void releaseEarly() {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
  }
}
