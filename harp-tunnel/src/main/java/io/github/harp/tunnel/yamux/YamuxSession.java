// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.FloodGuard;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Holding;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries many streams over one connection: the last handler of the connection's pipeline (after
 * TLS).
 *
 * <p>Each stream is a {@link YamuxStreamChannel} with a pipeline of its own, on the event loop of
 * the connection. The connection itself is always read, whatever its streams do, so that pings and
 * credit pass; a peer that breaks the protocol, floods, or is silent for too long loses the
 * connection and with it all streams.
 *
 * <p>{@link #openStream} may be called from any thread; everything else on the event loop only.
 *
 * @see <a href="https://github.com/hashicorp/yamux/blob/master/spec.md">the yamux specification</a>
 */
public final class YamuxSession extends ChannelInboundHandlerAdapter implements FrameDecoder.Sink {

  private static final Logger LOG = LoggerFactory.getLogger(YamuxSession.class);

  private static final int FLOOD_BURST = 256;
  private static final int FLOOD_PER_SECOND = 64;

  private final YamuxOptions options;
  private final @Nullable ChannelHandler acceptor;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private final PeerStreamIds peerIds = new PeerStreamIds();
  private final StreamOpener opener = new StreamOpener(this);
  private final SessionCredit credit;
  private final IntObjectMap<YamuxStreamChannel> streams = new IntObjectHashMap<>();
  private final HeldBytes.Holder holder = this::reclaim;
  private final List<YamuxStreamChannel> touched = new ArrayList<>();
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable FrameWriter writer;
  private @Nullable KeepAlive keepAlive;
  private @Nullable ReadPause readPause;
  private @Nullable FloodGuard floodGuard;
  private @Nullable YamuxStreamChannel receiving;
  private @Nullable TunnelException failure;
  private int maxStreams;
  private boolean goingAway;

  private YamuxSession(YamuxOptions options, @Nullable ChannelHandler acceptor) {
    this.options = options;
    this.acceptor = acceptor;
    this.credit = new SessionCredit(options.budgetBytes(), options.heldBytes());
    this.maxStreams = options.maxStreams();
  }

  /** The side that accepts streams; {@code acceptor} initialises each (a sharable handler). */
  public static YamuxSession server(YamuxOptions options, ChannelHandler acceptor) {
    return new YamuxSession(options, acceptor);
  }

  /** The side that opens streams, and refuses those of its peer. */
  public static YamuxSession client(YamuxOptions options) {
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
    Channel connection = connection();
    Promise<Channel> opened = connection.eventLoop().newPromise();
    if (connection.eventLoop().inEventLoop()) {
      opener.open(handler, opened);
    } else {
      connection.eventLoop().execute(() -> opener.open(handler, opened));
    }
    return opened;
  }

  /** Changes how many streams there may be, for instance when the peer has proved who it is. */
  public void limitStreams(int max) {
    maxStreams = max;
  }

  /** Streams that are open, or closed by us and not yet by the peer. */
  public int streamCount() {
    return streams.size();
  }

  /** The credit the peer holds plus the bytes kept for slow readers, of all streams. */
  public long committedBytes() {
    return credit.committedBytes();
  }

  /** Refuses new streams from now on and tells the peer so; streams that exist go on. */
  public void goAway() {
    if (!goingAway) {
      goingAway = true;
      writer().control(FrameHeader.TYPE_GO_AWAY, 0, 0, FrameHeader.REASON_NORMAL);
    }
  }

  /**
   * Asks the peer for a sign of life, on the event loop. Gives false if there was none in time: the
   * session is being closed then.
   */
  public Future<Boolean> probe(Duration patience) {
    Promise<Boolean> alive = connection().eventLoop().newPromise();
    if (keepAlive == null || failure != null) {
      return alive.setSuccess(false);
    }
    keepAlive.probe(patience, alive);
    return alive;
  }

  /** Why this side closed the connection; null as long as it did not, or when the peer did. */
  public @Nullable TunnelException failure() {
    return failure;
  }

  /** The connection that carries the session. */
  public Channel connection() {
    return context().channel();
  }

  // ---- the connection's life

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    writer = new FrameWriter(context);
    floodGuard =
        new FloodGuard(FLOOD_BURST, FLOOD_PER_SECOND, context.executor().ticker().nanoTime());
    keepAlive =
        new KeepAlive(
            context.executor(),
            options.keepAlive(),
            value -> writer().control(FrameHeader.TYPE_PING, FrameHeader.SYN, 0, value),
            () -> fail(new TunnelException(Code.TIMEOUT, "no answer to a ping")));
    keepAlive.start();
    readPause = new ReadPause(context, credit, options.heldBytes(), keepAlive);
    options.heldBytes().join(holder);
    if (!context.channel().config().isAutoRead()) {
      context.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    try {
      if (failure == null) {
        writer().beginReadBatch();
        if (keepAlive != null) {
          keepAlive.onBytes();
        }
        decoder.decode(bytes);
        if (readPause != null) {
          readPause.check();
        }
      }
    } catch (TunnelException violation) {
      fail(violation);
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).batchComplete();
    }
    touched.clear();
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
    options.heldBytes().leave(holder);
    if (keepAlive != null) {
      keepAlive.stop();
    }
    TunnelException end =
        failure != null
            ? failure
            : new TunnelException(Code.RESET, "the peer has closed the connection");
    failure = end;
    for (YamuxStreamChannel stream : List.copyOf(streams.values())) {
      stream.onSessionEnd(end);
    }
    streams.clear();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
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
    context().flush();
    context().close();
  }

  // ---- incoming frames

  @Override
  public void onHeader(FrameHeader header) throws TunnelException {
    switch (header.type()) {
      case FrameHeader.TYPE_PING -> onPing(header);
      case FrameHeader.TYPE_GO_AWAY -> onGoAway(header);
      default -> onStreamFrame(header);
    }
  }

  private void onPing(FrameHeader header) throws TunnelException {
    if (header.has(FrameHeader.SYN)) {
      guardAgainstFlood("pings");
      writer().control(FrameHeader.TYPE_PING, FrameHeader.ACK, 0, (int) header.length());
    } else if (keepAlive != null) {
      keepAlive.onAnswer(header.length());
    }
  }

  private void onGoAway(FrameHeader header) throws TunnelException {
    opener.stop();
    if (header.length() != FrameHeader.REASON_NORMAL) {
      throw new TunnelException(Code.RESET, "the peer goes away with reason " + header.length());
    }
  }

  private void onStreamFrame(FrameHeader header) throws TunnelException {
    int id = header.streamId();
    YamuxStreamChannel stream = streams.get(id);
    if (header.has(FrameHeader.SYN)) {
      stream = onSyn(id);
    } else if (stream == null) {
      refuseUnopened(id);
    }
    receiving = stream;
    if (stream == null) {
      return;
    }
    if (header.has(FrameHeader.ACK)) {
      opener.acknowledge(stream);
    }
    if (header.has(FrameHeader.RST)) {
      receiving = null;
      stream.onReset();
    } else if (header.type() == FrameHeader.TYPE_DATA) {
      stream.onDataHeader(header.length());
    } else {
      stream.onCredit(header.length());
    }
  }

  /**
   * The id of a stream of the past is skipped in silence, since its last frames may still be under
   * way.
   */
  private void refuseUnopened(int id) throws TunnelException {
    boolean known =
        acceptor != null ? peerIds.wasOpened(id) : (id & 1) == 0 || opener.wasOpened(id);
    if (id == 0 || !known) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION,
          "a frame for stream " + Integer.toUnsignedString(id) + ", which was never opened");
    }
  }

  private @Nullable YamuxStreamChannel onSyn(int id) throws TunnelException {
    if (acceptor == null) {
      guardAgainstFlood("streams opened by a server");
      refuse(id);
      return null;
    }
    peerIds.requireNew(id);
    if (goingAway || !hasRoomForAStream()) {
      guardAgainstFlood("streams beyond the limit");
      refuse(id);
      return null;
    }
    return accept(id, acceptor);
  }

  private void refuse(int id) {
    writer().control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.RST, id, 0);
  }

  private YamuxStreamChannel accept(int id, ChannelHandler handler) {
    YamuxStreamChannel stream = newStream(id, handler);
    // At once: an opener closes the whole session when an acknowledgement is late, and a parked
    // stream has nothing else to say for hours.
    writer().control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.ACK, id, 0);
    connection().eventLoop().register(stream);
    return stream;
  }

  YamuxStreamChannel newStream(int id, ChannelHandler handler) {
    YamuxStreamChannel stream = new YamuxStreamChannel(this, id, new ReceiveWindow(credit));
    stream.pipeline().addLast(handler);
    streams.put(id, stream);
    return stream;
  }

  @Override
  public void onPayload(FrameHeader header, ByteBuf bytes) {
    YamuxStreamChannel stream = receiving;
    if (stream == null) {
      bytes.release();
      return;
    }
    if (stream.touch()) {
      touched.add(stream);
    }
    stream.receive(bytes);
  }

  @Override
  public void onFrameEnd(FrameHeader header) throws TunnelException {
    YamuxStreamChannel stream = receiving;
    receiving = null;
    if (stream != null && header.has(FrameHeader.FIN)) {
      stream.onEnd();
    }
    if (writer().controlBacklogIsFull()) {
      throw new TunnelException(
          Code.LIMIT_REACHED, "the peer does not read the answers it asks for");
    }
  }

  private void reclaim() {
    connection().eventLoop().execute(this::resetStale);
  }

  /** The largest first, as long as others need the room. */
  private void resetStale() {
    List<YamuxStreamChannel> stale =
        streams.values().stream()
            .filter(stream -> stream.holding().isStale())
            .sorted(Comparator.comparingInt(stream -> -stream.holding().bytes()))
            .toList();
    int count = 0;
    while (count < stale.size() && options.heldBytes().isExhausted()) {
      stale.get(count++).reset(Holding.nobodyReads());
    }
    if (count > 0) {
      LOG.warn(
          "{}: reset {} streams whose readers fetched nothing while the memory for slow readers"
              + " was used up",
          connection(),
          count);
    }
  }

  private void guardAgainstFlood(String what) throws TunnelException {
    if (floodGuard != null && !floodGuard.allow(context().executor().ticker().nanoTime())) {
      throw new TunnelException(Code.LIMIT_REACHED, "too many " + what);
    }
  }

  // ---- for streams and their opener

  boolean mayOpen() {
    return acceptor == null && failure == null && !goingAway && connection().isActive();
  }

  boolean hasRoomForAStream() {
    return streams.size() < maxStreams && credit.hasRoomForAStream();
  }

  void forget(YamuxStreamChannel stream) {
    streams.remove(stream.streamId());
    opener.acknowledge(stream);
  }

  YamuxOptions options() {
    return options;
  }

  FrameWriter writer() {
    FrameWriter present = writer;
    if (present == null) {
      throw new IllegalStateException("the session is not in a pipeline");
    }
    return present;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext present = ctx;
    if (present == null) {
      throw new IllegalStateException("the session is not in a pipeline");
    }
    return present;
  }
}
