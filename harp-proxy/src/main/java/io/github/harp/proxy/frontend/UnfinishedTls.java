// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.proxy.budget.Holder;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.LoopResources;
import io.github.harp.proxy.transport.UnreadEnds;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * Counts what has come of a TLS record, or of a handshake, that is not whole: the TLS engine keeps
 * it and tells nobody. While memory is short no more is read of a handshake that has taken much
 * already, and while that is urgent of no record that has; all others go on, or nobody could begin
 * for as long as somebody keeps memory short. Sits before the engine.
 */
final class UnfinishedTls extends ChannelDuplexHandler implements Deadlines.Watched, Holder {

  /** Type, version, length: RFC 8446, section 5.1. */
  private static final int HEADER_LENGTH = 5;

  /** What a read takes at least. */
  private static final int BUFFER_BYTES = 2 * 1024;

  /** More than all that an ordinary client sends in a handshake, a hybrid key share included. */
  private static final int LITTLE_BYTES = 4 * 1024;

  private final SslHandler tls;
  private final LoopResources loop;
  private final Holdings.Holding holding;
  private final Channel channel;
  private @Nullable ChannelHandlerContext context;
  private int headerSeen;
  private int payloadLength;
  private int payloadSeen;
  private int handshakeBytes;
  private long passed;
  private boolean readIsHeld;

  UnfinishedTls(Channel channel, SslHandler tls, LoopResources loop) {
    this.channel = channel;
    this.tls = tls;
    this.loop = loop;
    this.holding = loop.holdings().open(this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    var registration = loop.deadlines().watch(this);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              registration.cancel();
              holding.close();
            });
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      follow(bytes);
    }
    ctx.fireChannelRead(message);
  }

  private void follow(ByteBuf bytes) {
    passed += bytes.readableBytes();
    if (!tls.handshakeFuture().isDone()) {
      handshakeBytes += bytes.readableBytes();
    }
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      if (headerSeen < HEADER_LENGTH) {
        // The length stands in the last two bytes.
        payloadLength = (payloadLength << 8 | bytes.getByte(at++) & 0xff) & 0xffff;
        headerSeen++;
      } else {
        int more = Math.min(payloadLength - payloadSeen, bytes.writerIndex() - at);
        payloadSeen += more;
        at += more;
      }
      if (headerSeen == HEADER_LENGTH && payloadSeen == payloadLength) {
        headerSeen = 0;
        payloadSeen = 0;
      }
    }
  }

  private int unfinished() {
    return tls.handshakeFuture().isDone() ? headerSeen + payloadSeen : handshakeBytes;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    settle();
  }

  private void settle() {
    int kept = unfinished();
    holding.set(kept == 0 ? 0 : Math.max(BUFFER_BYTES, buffer(kept)), passed - kept);
  }

  /** The engine's buffer doubles as it grows. */
  private static int buffer(int bytes) {
    return Integer.highestOneBit(2 * bytes - 1);
  }

  private boolean waits() {
    return unfinished() > LITTLE_BYTES
        && (tls.handshakeFuture().isDone() ? loop.isUrgent() : loop.isShort());
  }

  /** Asked for by whoever wants more; also by the engine, which wants the rest of a record. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (waits()) {
      readIsHeld = true;
    } else {
      ctx.read();
    }
  }

  @Override
  public void check(long now) {
    settle();
    if (readIsHeld && context != null && !waits()) {
      readIsHeld = false;
      context.read();
    } else if (readIsHeld) {
      UnreadEnds.closeIfOver(channel);
    }
  }

  @Override
  public void shed() {
    // Past the engine, which would say goodbye first.
    channel.unsafe().close(channel.voidPromise());
  }
}
