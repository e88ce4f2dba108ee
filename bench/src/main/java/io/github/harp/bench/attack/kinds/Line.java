// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection of an attacker, and the words in which scripts are told. For its event loop. */
public final class Line extends ChannelInboundHandlerAdapter {
  private static final int PARTS_AT_ONCE = 8;
  private static final int SIP_BYTES = 512;

  private final AttackKind.Script script;
  private final boolean handshakes;
  private final int number;
  private final Tally tally;
  private final List<Future<?>> timers = new ArrayList<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Consumer<String> listener;
  private @Nullable Supplier<ByteBuf> flood;

  /**
   * An attacker's end.
   *
   * @param handshakes whether it begins after TLS's handshake
   * @param number tells it from the others of its kind
   */
  Line(AttackKind.Script script, boolean handshakes, int number, Tally tally) {
    this.script = script;
    this.handshakes = handshakes;
    this.number = number;
    this.tally = tally;
  }

  int number() {
    return number;
  }

  Line send(String text) {
    return send(bytes(text));
  }

  Line send(ByteBuf bytes) {
    tally.sent(bytes.readableBytes());
    context().writeAndFlush(bytes);
    return this;
  }

  /** Sends again and again, as fast as the other end takes it. */
  void flood(Supplier<ByteBuf> next) {
    flood = next;
    pour();
  }

  void flood(String text) {
    var bytes = Unpooled.unreleasableBuffer(bytes(text));
    flood(bytes::duplicate);
  }

  /** Sends one byte of a text after the other, from the beginning again after the last one. */
  void drip(long millis, String text) {
    var at = new int[1];
    every(millis, () -> send(text.substring(at[0], at[0] + 1)).advance(at, text.length()));
  }

  /** Sends what a text says once more after each time that something came. */
  void again(String text) {
    onBytes(came -> send(text));
    send(text);
  }

  /** Sends of each large piece, such as a record of TLS, only so much from now on. */
  Line withholding(int bytes) {
    channel()
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                if (message instanceof ByteBuf piece && piece.readableBytes() > bytes) {
                  piece.writerIndex(piece.readerIndex() + bytes);
                }
                ctx.write(message, promise);
              }
            });
    return this;
  }

  /** Reads nothing from now on. */
  Line deaf() {
    channel().config().setAutoRead(false);
    return this;
  }

  /** Reads a few bytes at a time. */
  Line sip(long millis) {
    deaf();
    channel().config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(SIP_BYTES));
    every(millis, () -> channel().read());
    return this;
  }

  Line onBytes(Consumer<String> next) {
    listener = next;
    return this;
  }

  Line every(long millis, Runnable work) {
    timers.add(
        channel().eventLoop().scheduleAtFixedRate(work, millis, millis, TimeUnit.MILLISECONDS));
    return this;
  }

  Line after(long millis, Runnable work) {
    timers.add(channel().eventLoop().schedule(work, millis, TimeUnit.MILLISECONDS));
    return this;
  }

  /** Ends what is sent and goes on reading. */
  void halfClose() {
    if (channel() instanceof SocketChannel socket) {
      socket.shutdownOutput();
    }
  }

  void close() {
    channel().close();
  }

  void closeWhenSent() {
    channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Ends it with RST. */
  void reset() {
    channel().config().setOption(ChannelOption.SO_LINGER, 0);
    channel().close();
  }

  /** One to a byte. */
  static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    tally.opened();
    if (!handshakes) {
      script.begin(this);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
      script.begin(this);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var bytes = (ByteBuf) message;
    tally.received(bytes);
    var text = listener == null ? "" : bytes.toString(StandardCharsets.ISO_8859_1);
    bytes.release();
    if (listener != null) {
      listener.accept(text);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      pour();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    flood = null;
    timers.forEach(timer -> timer.cancel(false));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  /** A few at a time, so that the other connections have their turn. */
  private void pour() {
    var next = flood;
    if (next == null || !channel().isActive()) {
      return;
    }
    for (int i = 0; i < PARTS_AT_ONCE && channel().isWritable(); i++) {
      var bytes = next.get();
      tally.sent(bytes.readableBytes());
      context().write(bytes);
    }
    context().flush();
    if (channel().isWritable()) {
      channel().eventLoop().execute(this::pour);
    }
  }

  private void advance(int[] at, int length) {
    at[0] = (at[0] + 1) % length;
  }

  private Channel channel() {
    return context().channel();
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("there is no connection yet");
    }
    return context;
  }
}
