// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a balancer that is believed: whose it is stands in a header of the PROXY
 * protocol, version 1 or 2. One without is the balancer's own.
 *
 * @see <a href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">The PROXY protocol</a>
 */
final class BalancedClient extends ByteToMessageDecoder {

  /** Of what stands behind the addresses, which nobody here reads. */
  private static final int MOST_MORE = 1_024;

  private final InetSocketAddress balancer;
  private final Duration patience;
  private final BiConsumer<Channel, InetSocketAddress> begin;
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param begin makes a client's connection of the channel
   */
  BalancedClient(
      InetSocketAddress balancer, Duration patience, BiConsumer<Channel, InetSocketAddress> begin) {
    this.balancer = balancer;
    this.patience = patience;
    this.begin = begin;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Runnable end = ctx::close;
    deadline = ctx.executor().schedule(end, patience.toMillis(), TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> inTime());
  }

  private void inTime() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    var found = HAProxyMessageDecoder.detectProtocol(in);
    switch (found.state()) {
      case NEEDS_MORE_DATA -> {
        if (!mayBegin(in)) {
          isItsOwn(ctx);
        }
      }
      case INVALID -> isItsOwn(ctx);
      case DETECTED -> {
        var decoder = ctx.name() + " header";
        ctx.pipeline().addAfter(ctx.name(), decoder, new HAProxyMessageDecoder(MOST_MORE));
        ctx.pipeline().addAfter(decoder, null, new Header());
        ctx.pipeline().remove(this);
      }
    }
  }

  /** Netty waits for twelve bytes; a client that is not announced may say less and wait itself. */
  private static boolean mayBegin(ByteBuf in) {
    var first = in.getByte(in.readerIndex());
    return first == 'P' || first == '\r';
  }

  private void isItsOwn(ChannelHandlerContext ctx) {
    inTime();
    begin.accept(ctx.channel(), balancer);
    ctx.pipeline().remove(this);
  }

  private final class Header extends SimpleChannelInboundHandler<HAProxyMessage> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) {
      inTime();
      begin.accept(ctx.channel(), client(header));
      ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
      ctx.close();
    }
  }

  private InetSocketAddress client(HAProxyMessage header) {
    var source = header.sourceAddress();
    var bytes = source == null ? null : NetUtil.createByteArrayFromIpAddressString(source);
    if (bytes == null || header.command() == HAProxyCommand.LOCAL) {
      return balancer;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), header.sourcePort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }
}
