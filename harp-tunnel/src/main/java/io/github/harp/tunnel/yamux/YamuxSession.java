// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries many streams over one connection: the last handler of the connection's pipeline (after
 * TLS).
 *
 * <p>Each stream is a {@link YamuxStreamChannel} with a pipeline of its own, on the event loop of
 * the connection. The connection itself is read whatever its streams do, so that pings and credit
 * pass; a peer that breaks the protocol, floods, or is silent for too long loses the connection and
 * with it all streams.
 *
 * <p>{@link #openStream} may be called from any thread; everything else on the event loop only.
 *
 * @see <a href="https://github.com/hashicorp/yamux/blob/master/spec.md">the yamux specification</a>
 */
public final class YamuxSession extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(YamuxSession.class);

  /** How long the connection is not read before it is looked whether it may be. */
  private static final long PAUSE_MILLIS = 10;

  /** A pause so soon after another goes on with it: for others it is one. */
  private static final long RESPITE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * How it is noticed that the peer is gone.
   *
   * @param interval how often we ping
   * @param patience how long a peer that sends nothing at all may take to answer
   */
  public record Pings(Duration interval, Duration patience) {

    /** What frp's own programs take. */
    public Pings() {
      this(Duration.ofSeconds(30));
    }

    public Pings(Duration interval) {
      this(interval, Duration.ofSeconds(10));
    }
  }

  /**
   * What a session may cost, and how it is watched.
   *
   * @param maxStreams most streams at a time, see also {@link #limitStreams}
   * @param budgetBytes most that the peer's credit and bytes kept for slow readers may sum up to; a
   *     stream beyond it is refused
   * @param heldBytes bytes kept for slow readers, shared by all sessions that must not exceed them
   *     together
   */
  public record Options(int maxStreams, long budgetBytes, Pings pings, HeldBytes heldBytes) {

    /** What frp's own programs use where they have such a value, and safe values for the rest. */
    public Options() {
      this(2048, 1L << 30, new Pings(), HeldBytes.limitedTo(256L << 20));
    }
  }

  /** What there is as soon as the session is in a pipeline. */
  private record Wire(
      ChannelHandlerContext context,
      FrameWriter writer,
      KeepAlive keepAlive,
      IncomingFrames frames,
      FrameIntake intake) {}

  private final Options options;
  private final @Nullable ChannelHandler acceptor;
  private final Streams streams;
  private final StreamOpener opener;
  private @Nullable Wire wire;
  private boolean paused;
  private long pausedAtNanos;
  private long resumedAtNanos;
  private long waitedNanos;
  private @Nullable TunnelException failure;

  private YamuxSession(Options options, @Nullable ChannelHandler acceptor) {
    this.options = options;
    this.acceptor = acceptor;
    this.streams = new Streams(this, options);
    this.opener = new StreamOpener(this);
  }

  /** The side that accepts streams; {@code acceptor} initialises each (a sharable handler). */
  public static YamuxSession server(Options options, ChannelHandler acceptor) {
    return new YamuxSession(options, acceptor);
  }

  /** The side that opens streams, and refuses those of its peer. */
  public static YamuxSession client(Options options) {
    return new YamuxSession(options, null);
  }

  // ---- API

  /**
   * Opens a stream whose pipeline starts with {@code handler}. It may be written at once.
   *
   * <p>Fails with {@link TunnelException} if the session is closed or closing, or has too many
   * streams.
   */
  public Future<Channel> openStream(ChannelHandler handler) {
    var loop = connection().eventLoop();
    Promise<Channel> opened = loop.newPromise();
    if (loop.inEventLoop()) {
      opener.open(handler, opened);
    } else {
      loop.execute(() -> opener.open(handler, opened));
    }
    return opened;
  }

  /** Changes how many streams there may be, for instance when the peer has proved who it is. */
  public void limitStreams(int most) {
    streams.limit(most);
  }

  /**
   * Asks the peer for a sign of life, on the event loop. Gives false if there was none in time: the
   * session is being closed then.
   */
  public Future<Boolean> probe(Duration patience) {
    Promise<Boolean> alive = connection().eventLoop().newPromise();
    if (failure != null) {
      return alive.setSuccess(false);
    }
    wire().keepAlive().probe(patience, alive);
    return alive;
  }

  /** How long the peer took to answer the last ping; empty before the first. */
  public Optional<Duration> roundTrip() {
    return wire().keepAlive().roundTrip();
  }

  // ---- the connection's life

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    var writer = new FrameWriter(context);
    var keepAlive =
        new KeepAlive(
            context.executor(),
            options.pings(),
            value -> writer.control(FrameHeader.TYPE_PING, FrameHeader.SYN, 0, value),
            () -> fail(new TunnelException(Code.TIMEOUT, "no answer to a ping")));
    var frames =
        new IncomingFrames(acceptor, context.channel(), writer, keepAlive, streams, opener);
    var intake =
        new FrameIntake(context.channel().eventLoop(), streams.credit(), frames, this::takeTurn);
    wire = new Wire(context, writer, keepAlive, frames, intake);
    keepAlive.start();
    options.heldBytes().join(streams);
    context.channel().config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (failure != null) {
      bytes.release();
      return;
    }
    wire().keepAlive().onBytes();
    handle(() -> wire().intake().receive(bytes));
  }

  /** A part of what the peer has sent, which may break the protocol. */
  private interface Part {
    void handle() throws TunnelException;
  }

  private void handle(Part part) {
    writer().beginReadBatch();
    try {
      part.handle();
      pauseIfItMust();
      if (wire().intake().isFull()) {
        connection().config().setAutoRead(false);
      }
    } catch (TunnelException violation) {
      fail(violation);
    }
  }

  /** Others have had theirs since this peer opened very many streams. */
  private void takeTurn() {
    if (failure != null) {
      return;
    }
    try {
      handle(wire().intake()::takeTurn);
      channelReadComplete(wire().context());
      readOn();
    } catch (RuntimeException | Error e) {
      // Nobody hears of what is thrown by a task.
      exceptionCaught(wire().context(), e);
    }
  }

  private void readOn() {
    if (!paused && !wire().intake().isFull()) {
      connection().config().setAutoRead(true);
    }
  }

  /**
   * A session that has more than its part of the limit of all sessions is not read while that limit
   * is exceeded: TCP then holds the peer back. It is the last resort before readers that fetch
   * nothing are reset, and short: nobody is given credit for more meanwhile, and every byte that a
   * reader fetches makes room.
   */
  private void pauseIfItMust() {
    if (!paused && streams.credit().mustWait()) {
      paused = true;
      long now = connection().eventLoop().ticker().nanoTime();
      pausedAtNanos = now - resumedAtNanos < RESPITE_NANOS ? now - waitedNanos : now;
      connection().config().setAutoRead(false);
      readOnWhenItMay();
    }
  }

  private void readOnWhenItMay() {
    if (!connection().isActive()) {
      return;
    }
    // Whoever is not read can't be heard.
    wire().keepAlive().onBytes();
    var loop = connection().eventLoop();
    if (streams.credit().mustWait()) {
      long now = loop.ticker().nanoTime();
      options.heldBytes().reclaim(now, now - pausedAtNanos);
      loop.schedule(this::readOnWhenItMay, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      paused = false;
      resumedAtNanos = loop.ticker().nanoTime();
      waitedNanos = resumedAtNanos - pausedAtNanos;
      readOn();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!wire().intake().awaitsTurn()) {
      wire().frames().beginTurn();
    }
    wire().frames().batchComplete();
    writer().endReadBatch();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      writer().drain();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    options.heldBytes().leave(streams);
    wire().keepAlive().stop();
    wire().intake().drop();
    if (failure == null) {
      failure = new TunnelException(Code.RESET, "the peer has closed the connection");
    }
    streams.end(failure);
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ErrorAlarm.look(context.channel(), cause);
    fail(new TunnelException(Code.RESET, "the connection broke: " + cause, cause));
  }

  void fail(TunnelException cause) {
    if (failure != null) {
      return;
    }
    failure = cause;
    LOG.debug("session {} is closed: {}", connection(), cause.getMessage());
    if (cause.code() == Code.PROTOCOL_VIOLATION) {
      writer().control(FrameHeader.TYPE_GO_AWAY, 0, 0, FrameHeader.REASON_PROTOCOL_ERROR);
    }
    if (cause.code() == Code.TIMEOUT) {
      Reset.ofSilent(connection());
      return;
    }
    wire().context().flush();
    wire().context().close();
  }

  // ---- for streams and their opener

  boolean mayOpen() {
    return acceptor == null && failure == null && connection().isActive();
  }

  void forget(YamuxStreamChannel stream) {
    streams.remove(stream);
    opener.acknowledge(stream);
  }

  Streams streams() {
    return streams;
  }

  Options options() {
    return options;
  }

  Channel connection() {
    return wire().context().channel();
  }

  FrameWriter writer() {
    return wire().writer();
  }

  private Wire wire() {
    Wire present = wire;
    if (present == null) {
      throw new IllegalStateException("the session is not in a pipeline");
    }
    return present;
  }
}
