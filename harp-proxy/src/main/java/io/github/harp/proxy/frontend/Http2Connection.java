// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.proxy.forward.Deadlines;
import io.github.harp.proxy.forward.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;

/** A client's HTTP/2 connection; each of its streams is one request. */
final class Http2Connection extends ChannelInboundHandlerAdapter
    implements Deadlines.Watched, ClientConnections.Endable {

  /** What one stream may send ahead of what is taken. */
  private static final int STREAM_WINDOW_BYTES = 128 * 1024;

  /** What all streams of a connection may. */
  private static final int CONNECTION_WINDOW_BYTES = 512 * 1024;

  private static final int MAX_RESETS = 200;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;
  private static final int MAX_EMPTY_DATA_FRAMES = 10;
  private static final int MAX_SMALL_CONTINUATIONS = 16;

  private final ConnectionContext context;
  private final Channel channel;
  private final LingeringClose closing = new LingeringClose();
  private final Set<Http2Stream> streams = new HashSet<>();
  private final Deadlines.Registration registration;
  private long lastActivity;
  private boolean finishing;
  private boolean ending;

  private Http2Connection(ConnectionContext context, Channel channel) {
    this.context = context;
    this.channel = channel;
    this.lastActivity = context.loop().deadlines().now();
    this.registration = context.loop().deadlines().watch(this);
  }

  /** Makes the channel's pipeline one for HTTP/2. */
  static void install(ConnectionContext context, Channel channel) {
    var connection = new Http2Connection(context, channel);
    var codec = codec(context);
    channel
        .pipeline()
        .addLast(
            connection.closing,
            codec,
            new Http2MultiplexHandler(connection.new StreamInitializer()),
            connection);
    widen(codec);
    context.connections().add(connection);
  }

  private static Http2FrameCodec codec(ConnectionContext context) {
    var limits = context.options().limits();
    var settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(limits.streamsPerConnection())
            .maxHeaderListSize(limits.headBytes())
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .connectProtocolEnabled(true);
    return Http2FrameCodecBuilder.forServer()
        .initialSettings(settings)
        .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
        .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA_FRAMES)
        .decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS)
        .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES)
        .build();
  }

  private static void widen(Http2FrameCodec codec) {
    try {
      var connection = codec.connection();
      connection
          .local()
          .flowController()
          .incrementWindowSize(
              connection.connectionStream(),
              CONNECTION_WINDOW_BYTES - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private final class StreamInitializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      var requests = new Http2Stream(context, Http2Connection.this, stream);
      stream.pipeline().addLast(requests.codec(), requests);
    }
  }

  // --- its streams

  void opened(Http2Stream stream) {
    streams.add(stream);
  }

  void closed(Http2Stream stream) {
    streams.remove(stream);
    lastActivity = context.loop().deadlines().now();
    endWhenIdle();
  }

  // --- the connection

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
    // The codec tells the client about violations of the protocol itself, and closes.
    if (!(cause instanceof Http2Exception)) {
      cut();
    }
  }

  @Override
  public void check(long now) {
    for (var stream : new ArrayList<>(streams)) {
      stream.checkLimit();
    }
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
  public boolean isOnlyEndless() {
    return !streams.isEmpty() && streams.stream().allMatch(Http2Stream::isEndless);
  }

  /** Without the codec, which would wait for its streams to end. */
  @Override
  public void cut() {
    closing.cut();
  }
}
