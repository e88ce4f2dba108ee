// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.budget.Holder;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.forward.connection.UpstreamConnection;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.Limit;
import io.github.harp.proxy.loop.LoopResources;
import io.github.harp.proxy.transport.UnreadEnds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * After a 101: bytes in both directions, untouched, with back pressure, until both sides have ended
 * or a limit is reached.
 */
final class UpgradeRelay implements Handling, Deadlines.Watched, Holder {

  private final Exchange exchange;
  private final Side clientSide = new Side(true);
  private final Side upstreamSide = new Side(false);
  private final LoopResources loop;
  private final Holdings.Holding holding;
  private final AtomicInteger upgrades;
  private final Deadlines.Registration registration;
  private boolean halfClosed;
  private boolean ended;

  private UpgradeRelay(Exchange exchange, Forwarder forwarder) {
    this.exchange = exchange;
    this.loop = forwarder.pool().loop();
    this.holding = exchange.stream().holding();
    this.upgrades = forwarder.upgrades();
    this.registration = loop.deadlines().watch(this);
    upgrades.incrementAndGet();
    holding.passTo(this);
  }

  static void start(
      Exchange exchange, HttpResponse switching, UpstreamConnection upstream, Forwarder forwarder) {
    var relay = new UpgradeRelay(exchange, forwarder);
    exchange.handleWith(relay);
    exchange.upgraded(switching);
    // In this order, so that bytes which either side has sent already find the other one ready.
    relay.upstreamSide.channel = upstream.rawOutput();
    relay.clientSide.channel = exchange.stream().upgrade(switching, relay.clientSide);
    upstream.upgrade(relay.upstreamSide);
    relay.clientSide.startReading();
    relay.upstreamSide.startReading();
  }

  @Override
  public Limit limit() {
    return halfClosed ? Limit.HALF_CLOSED : Limit.UPGRADE;
  }

  @Override
  public void check(long now) {
    clientSide.look();
    upstreamSide.look();
    clientSide.resumeOther();
    upstreamSide.resumeOther();
    settle();
    exchange.checkLimit();
  }

  /** One side says no more; what it has said may still be on its way. */
  private void halfClosed() {
    if (!halfClosed) {
      halfClosed = true;
      exchange.touch();
    }
  }

  /** Tells what is kept: bytes that either side does not take. */
  private void settle() {
    long kept = clientSide.unsentBytes() + upstreamSide.unsentBytes();
    holding.set(kept, exchange.account().bytes() - kept);
  }

  @Override
  public void shed() {
    exchange.account().failed(new Failure(Kind.OVERLOAD, "cut off: memory is short"));
    end();
  }

  @Override
  public void expired(Limit limit) {
    exchange.account().failed(new Failure(Kind.UPGRADE_TIMEOUT, "silent for longer than " + limit));
    end();
  }

  @Override
  public void content(HttpContent content) {
    ReferenceCountUtil.release(content);
  }

  @Override
  public void clientGone() {
    end();
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    registration.cancel();
    upgrades.decrementAndGet();
    exchange.finish();
    holding.close();
    clientSide.close();
    upstreamSide.close();
  }

  /** One end; hands what it reads to the other. */
  private final class Side extends ChannelInboundHandlerAdapter {

    private final boolean isClient;
    private @Nullable Channel channel;
    private boolean inputEnded;

    Side(boolean isClient) {
      this.isClient = isClient;
    }

    private Side other() {
      return isClient ? upstreamSide : clientSide;
    }

    void startReading() {
      var own = channel;
      if (own == null) {
        return;
      }
      if (own instanceof DuplexChannel) {
        own.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      }
      own.config().setAutoRead(true);
      other().flush();
    }

    private void flush() {
      if (channel != null) {
        channel.flush();
      }
    }

    void close() {
      if (channel != null) {
        channel.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var target = other().channel;
      if (target == null || ended || !(message instanceof ByteBuf bytes)) {
        ReferenceCountUtil.release(message);
        return;
      }
      int length = bytes.readableBytes();
      exchange.relayed(isClient ? length : 0, isClient ? 0 : length);
      target.write(bytes);
      if (!other().takesMore()) {
        ctx.channel().config().setAutoRead(false);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      other().flush();
      if (loop.isShort() || other().unsentBytes() > 0) {
        settle();
      }
      if (loop.isShort()) {
        loop.execute(other()::resumeOther);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      settle();
      resumeOther();
    }

    private void look() {
      if (channel != null && UnreadEnds.look(channel)) {
        halfClosed();
      }
    }

    private boolean takesMore() {
      return channel != null && loop.takesMore(channel);
    }

    private long unsentBytes() {
      return channel == null ? 0 : UnsentBytes.of(channel);
    }

    private void resumeOther() {
      var source = other().channel;
      if (source != null && !ended && takesMore() && !source.config().isAutoRead()) {
        source.config().setAutoRead(true);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        inputEnded = true;
        halfClosed();
        if (other().inputEnded) {
          other().endWhenFlushed();
        } else {
          other().endOutput();
        }
      }
    }

    private void endOutput() {
      if (isClient) {
        exchange.stream().endOutput();
      } else if (channel instanceof DuplexChannel duplex) {
        duplex.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> duplex.shutdownOutput());
      } else {
        // A tunnel of frp knows no half-closed streams: the other end would lose its answer anyway.
        end();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      var target = other().channel;
      if (ended || target == null || !target.isActive()) {
        end();
        return;
      }
      // What is on its way to the other side arrives before that is closed.
      inputEnded = true;
      halfClosed();
      other().endWhenFlushed();
    }

    private void endWhenFlushed() {
      if (isClient) {
        exchange.stream().endOutput().addListener(sent -> end());
      } else if (channel != null) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> end());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      loop.errors().look(cause);
      exchange
          .account()
          .failed(
              new Failure(
                  isClient ? Kind.CLIENT_GONE : Kind.UPSTREAM_GONE, HarpException.reasonOf(cause)));
      end();
    }
  }
}
