// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.budget.Holder;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.exchange.LostExApp;
import io.github.harp.proxy.frontend.connection.ClientConnections;
import io.github.harp.proxy.frontend.connection.ConnectedClient;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.github.harp.proxy.frontend.connection.LingeringClose;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.Limit;
import io.github.harp.proxy.transport.UnreadEnds;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;

/** A client's HTTP/2 connection; each of its streams is one request. */
public final class Http2Connection extends ChannelInboundHandlerAdapter
    implements Deadlines.Watched, ClientConnections.Endable, Holder {

  /** Of one stream's answer that the client does not take, before it gets no more. */
  private static final WriteBufferWaterMark STREAM_MARK =
      new WriteBufferWaterMark(8 * 1024, 16 * 1024);

  /** Of all its streams' answers; from there on none gets more that has some already. */
  private static final int CROWDED_BYTES = 256 * 1024;

  /** Of what was sent and is not taken: more than the answers to all streams of a connection. */
  private static final int MANY_PIECES = 256;

  /** Small parts of bodies that are not taken. */
  private static final int MANY_PARTS = 1_000;

  /** Of those that wait for the end of a turn: there is no longer one to wait for. */
  private static final int MANY_FLUSHES = 64;

  /** About what one takes of the heap. */
  static final int PIECE_BYTES = 300;

  /** About what a stream takes beside its request, until its answer is sent. */
  private static final int STREAM_BYTES = 3 * 1024;

  /** Requests that may be begun at a time while memory is short. */
  private static final int FEW_REQUESTS = 2;

  /** Of a frame or a header block that is not whole, once it is urgent that memory is short. */
  private static final int MAX_UNFINISHED_BYTES = 4 * 1024;

  private final ConnectionContext context;
  private final Channel channel;
  private final ConnectedClient client;
  private final LingeringClose closing = new LingeringClose();
  private final Http2Intake intake;
  private final Http2Parts parts = new Http2Parts();
  private final Set<Http2Stream> streams = new HashSet<>();
  private final Deadlines.Registration registration;
  private final Holdings.Holding holding;
  private final Http2FrameCodec codec;
  private long unsentOfStreams;
  private long passed;
  private boolean paused;
  private boolean full;
  private long lastActivity;
  private boolean finishing;
  private boolean ending;

  private Http2Connection(ConnectionContext context, Channel channel, Http2FrameCodec codec) {
    this.codec = codec;
    this.holding = context.loop().holdings().open(this);
    this.context = context;
    this.channel = channel;
    this.client = new ConnectedClient(channel, context.limit());
    this.intake = new Http2Intake(context.loop().turns(), this::room, this::isShort, this::settle);
    this.lastActivity = context.loop().deadlines().now();
    this.registration = context.loop().deadlines().watch(this);
  }

  /** Makes the channel's pipeline one for HTTP/2. */
  public static void install(ConnectionContext context, Channel channel) {
    var peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    var codec = Http2Codec.of(context.options().limits(), context.requests().isProxy(peer));
    var connection = new Http2Connection(context, channel, codec);
    channel
        .pipeline()
        .addLast(
            connection.closing,
            // Answers come from many upstreams in one turn of the event loop, and leave together.
            new FlushConsolidationHandler(
                MANY_FLUSHES, /* consolidateWhenNoReadInProgress= */ true),
            connection.intake,
            codec,
            connection.parts,
            new Http2MultiplexHandler(connection.new StreamInitializer()),
            connection);
    Http2Codec.widen(codec);
    context.connections().add(connection);
    channel.closeFuture().addListener(closed -> connection.holding.close());
  }

  private final class StreamInitializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream.config().setWriteBufferWaterMark(STREAM_MARK);
      Http2Stream.install(context, Http2Connection.this, stream);
    }
  }

  // --- its streams

  void opened(Http2Stream stream) {
    streams.add(stream);
    countRequests();
  }

  void closed(Http2Stream stream) {
    streams.remove(stream);
    passed++;
    countRequests();
    lastActivity = context.loop().deadlines().now();
    endWhenIdle();
  }

  /** A stream's answer, not taken by the client, has become so much more. */
  void keeps(long more) {
    unsentOfStreams += more;
  }

  /** Whether so much is kept that no stream is to get more that has some. */
  boolean isSparing() {
    return isCrowded() || context.loop().isShort();
  }

  private boolean isCrowded() {
    return unsentOfStreams >= CROWDED_BYTES;
  }

  /**
   * Whether no stream is to get anything: not even heads of answers, which no window holds back,
   * can go out, or memory is short, of which a connection gets no more for having many streams.
   */
  boolean isFull() {
    return full || isCrowded() && context.loop().isShort();
  }

  /** Whether so many bytes of a stream's answer can go out at once. */
  boolean takes(Channel stream, int bytes) {
    var connection = codec.connection();
    var id = ((Http2StreamChannel) stream).stream().id();
    var known = connection.stream(id);
    var windows = connection.remote().flowController();
    return channel.isWritable()
        && known != null
        && windows.windowSize(known) >= bytes
        && windows.windowSize(connection.connectionStream()) >= bytes;
  }

  ConnectedClient client() {
    return client;
  }

  /** So much more of a stream's bodies has come or gone. */
  void passed(long bytes) {
    passed += bytes;
  }

  // --- the connection

  /** Tells what is kept beside the streams' answers: frames, and bodies that ExApps do not take. */
  void settle() {
    var connection = codec.connection();
    long untaken =
        connection.local().flowController().unconsumedBytes(connection.connectionStream());
    long unsent = UnsentBytes.of(channel);
    // Its buffer is up to twice as large.
    long kept = unsent + untaken + intake.waitingBytes() + 2L * intake.unfinishedBytes();
    holding.set(kept, passed - kept - unsentOfStreams);
    countRequests();
    fill(unsent);
    intake.goOn();
    pause(
        intake.waitingBytes() > 0
            || parts.waiting() > MANY_PARTS
            || untaken > 0 && context.loop().isUrgent());
  }

  private void countRequests() {
    long pieces = UnsentBytes.pieces(channel) + parts.waiting();
    holding.request((long) streams.size() * STREAM_BYTES + pieces * PIECE_BYTES);
  }

  /**
   * A client without a window still gets the heads of a hundred answers, and one that takes none at
   * all any number of our own: they wait outside.
   */
  private void fill(long unsent) {
    long mark = full ? channel.config().getWriteBufferLowWaterMark() : CROWDED_BYTES;
    boolean isMuch = unsent >= mark || UnsentBytes.pieces(channel) >= MANY_PIECES;
    boolean isFull = (isMuch || isShort()) && !UnsentBytes.isSent(channel);
    if (full != isFull) {
      full = isFull;
      for (var stream : new ArrayList<>(streams)) {
        stream.connectionFull(isFull);
      }
    }
  }

  /** How many requests may be begun now. */
  private int room() {
    if (full) {
      return 0;
    }
    return isShort() ? FEW_REQUESTS : context.loop().turns().room();
  }

  private boolean isShort() {
    return context.loop().isShort() || context.loop().holdings().budget().requests().isShort();
  }

  /** The windows that were given can't be taken back: what they let in waits outside. */
  private void pause(boolean wanted) {
    if (paused != wanted) {
      paused = wanted;
      channel.config().setAutoRead(!wanted);
    }
  }

  @Override
  public void shed() {
    cut();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    settle();
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // The codec would do it next; what is not sent then is what the client does not take.
    channel.flush();
    settle();
    if (intake.unfinishedBytes() > MAX_UNFINISHED_BYTES && context.loop().isUrgent()) {
      cut();
    }
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    // Frames of the connection, such as SETTINGS and PING, are answered by the codec.
    ReferenceCountUtil.release(frame);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    registration.cancel();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    context.loop().errors().look(cause);
    // The codec tells the client about violations of the protocol itself, and closes.
    if (!(cause instanceof Http2Exception)) {
      cut();
    }
  }

  @Override
  public void check(long now) {
    if (UnreadEnds.look(channel)) {
      cut();
    }
    for (var stream : new ArrayList<>(streams)) {
      stream.check();
    }
    settle();
    if (streams.isEmpty() && context.loop().deadlines().isExpired(Limit.CLIENT, lastActivity)) {
      goAway();
      endWhenIdle();
    }
  }

  private void goAway() {
    if (!finishing) {
      finishing = true;
      channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    }
  }

  private void endWhenIdle() {
    if (finishing && !ending && streams.isEmpty()) {
      ending = true;
      channel.close();
    }
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public void finishUp() {
    goAway();
    endWhenIdle();
  }

  @Override
  public long idleSince() {
    return client.isKeyed() || !streams.isEmpty() ? BUSY : lastActivity;
  }

  @Override
  public boolean isOnlyEndless() {
    return !streams.isEmpty() && streams.stream().allMatch(Http2Stream::isEndless);
  }

  @Override
  public void outOfService(LostExApp exApp) {
    for (var stream : new ArrayList<>(streams)) {
      stream.outOfService(exApp);
    }
  }

  /** Without the codec, which would wait for its streams to end. */
  @Override
  public void cut() {
    closing.cut();
  }
}
