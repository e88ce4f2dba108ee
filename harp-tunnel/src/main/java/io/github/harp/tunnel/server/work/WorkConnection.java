// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.work;

import io.github.harp.tunnel.frp.Message.NatHoleSid;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.Reset;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * A stream that a client has opened for us, parked until somebody needs it. Belongs to the event
 * loop of its channel.
 *
 * <p>A parked stream has nothing to say, so one that speaks is closed.
 */
public final class WorkConnection extends ChannelInboundHandlerAdapter {

  private static final String COUNTER = "payload";

  private final Channel channel;

  public WorkConnection(Channel channel) {
    this.channel = channel;
  }

  public Channel channel() {
    return channel;
  }

  /**
   * Binds the stream to a proxy: from now on it carries payload, and nothing is read until somebody
   * says so.
   */
  public void start(StartWorkConn message, PayloadWrapping wrapping, PayloadCounter counter) {
    channel.config().setAutoRead(false);
    if (channel instanceof StreamChannel stream) {
      stream.beginPayload();
    }
    channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    channel.pipeline().get(MessageCodec.class).handOver();
    channel.pipeline().replace(this, COUNTER, counter);
    wrapping.addBefore(channel.pipeline(), COUNTER);
  }

  /** Tells the client of a visitor who is to come by another way; the stream ends with that. */
  public void call(StartWorkConn message, NatHoleSid visitor) {
    channel.write(message);
    channel.writeAndFlush(visitor).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ReferenceCountUtil.release(msg);
    Reset.of(ctx.channel());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    ctx.close();
  }
}
