// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What of a connection lies here because readers are slow, counted into what all connections may
 * keep. QUIC's library keeps it and does not say how much, so it is what has arrived since some
 * reader began to wait and was not handed on, without what packets need for themselves; no more
 * than the windows allow. On the event loop of the connection.
 */
final class UnreadStreams implements HeldBytes.Holder {

  private static final long LOOK_MILLIS = 250;

  /** A header, a frame's head and the proof that it is genuine. */
  private static final long BYTES_OF_A_PACKET = 50;

  /** The library lets windows grow so far for a quick reader. */
  private static final long MOST_OF_A_STREAM = 16L << 20;

  private final QuicChannel connection;
  private final HeldBytes all;
  private final Set<Reader> waiting = new HashSet<>(0);
  private @Nullable ScheduledFuture<?> looks;

  /** What had arrived and was handed on when the first of those who wait began to. */
  private long before;

  private long handedOn;
  private long reserved;
  private long exhaustedNanos;
  private boolean exhausted;

  UnreadStreams(QuicChannel connection, HeldBytes all) {
    this.connection = connection;
    this.all = all;
    all.join(this);
    connection
        .closeFuture()
        .addListener(
            closed -> {
              all.leave(this);
              waiting.clear();
              rest();
            });
  }

  /** Watches the reader of a stream. */
  ChannelHandler of(QuicStreamChannel stream) {
    return new Reader(stream);
  }

  private void began() {
    if (looks == null && connection.isActive()) {
      handedOn = 0;
      connection.collectStats().addListener(this::begin);
      looks =
          connection
              .eventLoop()
              .scheduleAtFixedRate(
                  () -> connection.collectStats().addListener(this::look),
                  LOOK_MILLIS,
                  LOOK_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }

  private void begin(Future<? super QuicConnectionStats> looked) {
    if (looked.isSuccess()) {
      before = payloadOf((QuicConnectionStats) looked.getNow());
    }
  }

  private static long payloadOf(QuicConnectionStats stats) {
    return stats.recvBytes() - BYTES_OF_A_PACKET * stats.recv();
  }

  private void look(Future<? super QuicConnectionStats> looked) {
    if (waiting.isEmpty() || !looked.isSuccess()) {
      rest();
      return;
    }
    var unread = payloadOf((QuicConnectionStats) looked.getNow()) - before - handedOn;
    if (unread < 0) {
      before += unread;
    }
    reserve(Math.max(0, Math.min(unread, waiting.size() * MOST_OF_A_STREAM)));
    complain();
  }

  private void complain() {
    var now = connection.eventLoop().ticker().nanoTime();
    if (!all.isExhausted()) {
      exhausted = false;
    } else if (!exhausted) {
      exhausted = true;
      exhaustedNanos = now;
    }
    if (exhausted) {
      all.reclaim(now, now - exhaustedNanos);
    }
  }

  private void rest() {
    if (looks != null) {
      looks.cancel(false);
      looks = null;
    }
    exhausted = false;
    reserve(0);
  }

  private void reserve(long bytes) {
    all.reserve(bytes - reserved);
    all.keep(bytes - reserved);
    reserved = bytes;
  }

  @Override
  public void reclaim(long patienceNanos) {
    connection.eventLoop().execute(() -> resetStale(patienceNanos));
  }

  private void resetStale(long patienceNanos) {
    if (reserved > 0 && all.isExhausted()) {
      List.copyOf(waiting).forEach(reader -> reader.resetIfStale(patienceNanos));
    }
  }

  private final class Reader extends ChannelDuplexHandler {

    private final QuicStreamChannel stream;
    private long sinceNanos;

    private Reader(QuicStreamChannel stream) {
      this.stream = stream;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof ByteBuf bytes) {
        handedOn += bytes.readableBytes();
      }
      ctx.fireChannelRead(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.fireChannelReadComplete();
      if (!stream.config().isAutoRead() && stream.isActive() && waiting.add(this)) {
        sinceNanos = ctx.executor().ticker().nanoTime();
        began();
      }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      waiting.remove(this);
      ctx.read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      waiting.remove(this);
      ctx.fireChannelInactive();
    }

    private void resetIfStale(long patienceNanos) {
      var waited = stream.eventLoop().ticker().nanoTime() - sinceNanos;
      if (waited >= patienceNanos && Bridge.standsStillBehind(stream, patienceNanos)) {
        Reset.of(stream);
      }
    }
  }
}
