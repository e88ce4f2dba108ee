// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.Reset;
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
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
  private final Unannounced unannounced;
  private final Refusals refusals;
  private final BiConsumer<Channel, InetSocketAddress> begin;
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable Runnable makeRoom;

  /**
   * @param begin makes a client's connection of the channel
   */
  BalancedClient(
      InetSocketAddress balancer,
      Duration patience,
      Unannounced unannounced,
      Refusals refusals,
      BiConsumer<Channel, InetSocketAddress> begin) {
    this.balancer = balancer;
    this.patience = patience;
    this.unannounced = unannounced;
    this.refusals = refusals;
    this.begin = begin;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Runnable end = ctx::close;
    deadline = ctx.executor().schedule(end, patience.toMillis(), TimeUnit.MILLISECONDS);
    Runnable giveWay = () -> ctx.executor().execute(() -> giveWay(ctx));
    makeRoom = giveWay;
    ctx.channel().closeFuture().addListener(closed -> inTime());
    unannounced.admit(giveWay);
  }

  /** What has arrived before has been read. */
  private void giveWay(ChannelHandlerContext ctx) {
    if (makeRoom != null) {
      refusals.refused(
          balancer,
          RefusalCode.TOO_MANY,
          "too many connections of balancers that have not said whose they are; newer ones take the"
              + " place of this");
      Reset.of(ctx.channel());
    }
  }

  private void inTime() {
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (makeRoom != null) {
      unannounced.leave(makeRoom);
      makeRoom = null;
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

  /**
   * Connections of balancers that have not said yet whose they are, so that nobody's address counts
   * them. A balancer says it at once: where there are too many, the oldest makes room. What is
   * believed is often a whole network, with others in it. Thread-safe.
   */
  static final class Unannounced {

    private final int most;

    /** How each makes room; oldest first. */
    private final Set<Runnable> waiting = new LinkedHashSet<>();

    Unannounced(int most) {
      this.most = most;
    }

    /**
     * Counts one until {@link #leave}, and has another make room where there are too many now.
     *
     * @param makeRoom may run on any thread, and must not run long
     */
    void admit(Runnable makeRoom) {
      Runnable oldest = null;
      synchronized (this) {
        waiting.add(makeRoom);
        if (waiting.size() > most) {
          Iterator<Runnable> all = waiting.iterator();
          oldest = all.next();
          all.remove();
        }
      }
      if (oldest != null) {
        oldest.run();
      }
    }

    /** Counts it no longer; may be told twice. */
    synchronized void leave(Runnable makeRoom) {
      waiting.remove(makeRoom);
    }

    synchronized int count() {
      return waiting.size();
    }
  }
}
