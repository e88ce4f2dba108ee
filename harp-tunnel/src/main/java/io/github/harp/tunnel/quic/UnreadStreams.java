// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * What of a connection lies here: because readers are slow, counted into what all connections may
 * keep, or behind bytes that have not come, see {@link GapGuard}. QUIC's library keeps it and does
 * not say how much, so it is what has arrived and was not handed on, without what packets need for
 * themselves; and it keeps each piece by itself, of which nobody sees how small it is. So bytes for
 * readers count several times, and a datagram that brought nothing for anybody counts, however
 * little was in it, unless it answers what was sent. On the event loop of the connection.
 */
final class UnreadStreams implements HeldBytes.Holder, GapGuard.Kept {

  private static final long LOOK_MILLIS = 250;

  /**
   * What the library may need for a byte that it keeps, in the memory of the process: 1.1 in full
   * datagrams of one piece, as frp's clients send them, 30 in full datagrams of pieces of one byte.
   */
  private static final int TIMES = 8;

  /** What a stream's window is at first. */
  private static final long LEAST_OF_A_STREAM = Terms.STREAM_BYTES;

  /** The library lets windows grow so far for a quick reader, twofold while half is read. */
  private static final long MOST_OF_A_STREAM = 16L << 20;

  private static final int TOO_MUCH_LIES_HERE = 1;
  private static final String WHY =
      "too many bytes that nobody takes, or behind some that did not come";

  private final QuicChannel connection;
  private final HeldBytes all;
  private final Undelivered undelivered = new Undelivered();
  private final Set<Reader> waiting = new HashSet<>(0);
  private @Nullable ScheduledFuture<?> looks;

  /** What the windows of those who wait allow. */
  private long mostOfWaiting;

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

  /** Bytes of a stream have been taken that arrived. */
  void handedOn(int bytes) {
    undelivered.handedOn(bytes);
  }

  // ---- how much

  /** What is not for those who wait, be it in pieces as small as those for which it counts. */
  @Override
  public long behindGaps() {
    return Math.max(0, undelivered.bytes() - TIMES * mostOfWaiting);
  }

  private long forWaiting() {
    return TIMES * Math.min(undelivered.bytes(), TIMES * mostOfWaiting);
  }

  @Override
  public boolean hasMoreThanItsPart() {
    return all.mustWait(reserved);
  }

  @Override
  public void arrived(int datagramBytes) {
    undelivered.arrived(datagramBytes);
  }

  @Override
  public void look() {
    connection
        .collectStats()
        .addListener(
            (Future<QuicConnectionStats> looked) -> {
              if (looked.isSuccess()) {
                var stats = looked.getNow();
                undelivered.count(stats.recv(), stats.recvBytes(), stats.sentBytes());
              }
            });
  }

  @Override
  public void cutOff() {
    connection.close(true, TOO_MUCH_LIES_HERE, Unpooled.copiedBuffer(WHY, US_ASCII));
  }

  /** Who is in stays in: what comes then may be of somebody else who names this address. */
  @Override
  public void refuseHandshake() {
    if (!connection.isActive()) {
      var why = "the client's is larger than %d KiB: its certificates have to be smaller";
      var failure = new SSLHandshakeException(why.formatted(GapGuard.MOST_OF_HANDSHAKE >> 10));
      connection.pipeline().fireUserEventTriggered(new SslHandshakeCompletionEvent(failure));
      connection.close();
    }
  }

  // ---- for whom

  private void lookAgain() {
    if (looks == null && connection.isActive()) {
      looks =
          connection
              .eventLoop()
              .scheduleAtFixedRate(
                  this::lookForWaiting, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void lookForWaiting() {
    if (waiting.isEmpty()) {
      rest();
    } else {
      look();
      reserve(forWaiting());
      complain();
    }
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

  private void reserve(long now) {
    all.reserve(now - reserved);
    all.keep(now - reserved);
    reserved = now;
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
    private long read;
    private long most;
    private long sinceNanos;

    private Reader(QuicStreamChannel stream) {
      this.stream = stream;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof ByteBuf bytes) {
        read += bytes.readableBytes();
        handedOn(bytes.readableBytes());
      }
      ctx.fireChannelRead(msg);
    }

    /** The peer answers. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      undelivered.answered();
      ctx.write(message, promise);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.fireChannelReadComplete();
      if (!stream.config().isAutoRead() && stream.isActive() && waiting.add(this)) {
        sinceNanos = ctx.executor().ticker().nanoTime();
        most = Math.min(MOST_OF_A_STREAM, Math.max(LEAST_OF_A_STREAM, 2 * read));
        mostOfWaiting += most;
        lookAgain();
      }
    }

    private void goOn() {
      if (waiting.remove(this)) {
        mostOfWaiting -= most;
      }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      goOn();
      ctx.read();
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      goOn();
      ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      goOn();
      ctx.fireChannelInactive();
    }

    private void resetIfStale(long patienceNanos) {
      var waited = stream.eventLoop().ticker().nanoTime() - sinceNanos;
      if (waited >= patienceNanos && Bridge.standsStillBehind(stream, patienceNanos)) {
        Reset.of(stream);
      }
    }
  }

  /** How much has arrived and was not handed on, as it looks from outside of the library. */
  static final class Undelivered {

    /** A header, a frame's head and the proof that it is genuine. */
    static final long BYTES_OF_A_PACKET = 50;

    /**
     * Of what was handed on, and of what was sent: what comes twice, and the acknowledgements. It
     * is rather too much, since what is too little adds up.
     */
    private static final int PART_FOR_OTHERS = 32;

    /** What a piece is worth that is but a byte: some 150 bytes of the process's memory. */
    static final long PIECE = 160 / TIMES;

    /** For each datagram that brought something another may come twice, or ask for credit. */
    private static final long OTHERS_BESIDE_ONE = PIECE / 10;

    /** Of what is taken later than it came: nobody knows any more in how many pieces. */
    private static final int PART_OF_LATE = 8;

    /** Answers are on their way for a while. */
    static final long MOST_ANSWERS = 3_000 * PIECE;

    private long payloadThen;
    private long sentThen;
    private long handedOn;
    private long handedOnWithOthers;
    private long bytes;
    private long pieces;

    /** Somebody has taken so much. */
    void handedOn(int bytes) {
      handedOn += bytes;
    }

    /** Something is sent that the peer will acknowledge. */
    void answered() {
      pieces -= PIECE;
    }

    /** A datagram has come, and what it brought was handed on. */
    void arrived(int datagramBytes) {
      var taken = handedOn - handedOnWithOthers;
      handedOnWithOthers = handedOn;
      if (taken == 0) {
        pieces += PIECE;
      } else {
        pieces -= OTHERS_BESIDE_ONE + Math.max(0, taken - datagramBytes) / PART_OF_LATE;
      }
    }

    /**
     * What the library has counted.
     *
     * @param packets that were received since the beginning
     * @param received their bytes
     * @param sent bytes of packets that were sent since the beginning
     */
    void count(long packets, long received, long sent) {
      var payload = received - BYTES_OF_A_PACKET * packets;
      var others = (handedOn + sent - sentThen) / PART_FOR_OTHERS;
      bytes = Math.max(0, bytes + payload - payloadThen - handedOn - others);
      pieces = Math.max(-MOST_ANSWERS, pieces - (sent - sentThen) / PART_FOR_OTHERS);
      payloadThen = payload;
      sentThen = sent;
      handedOn = 0;
      handedOnWithOthers = 0;
    }

    /** As of the last count; each piece is so much at least. */
    long bytes() {
      return bytes + Math.max(0, pieces);
    }
  }
}
