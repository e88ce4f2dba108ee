// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/** What HTTP/2's codec is told to grant a client. */
final class Http2Codec {

  /** What one stream may send ahead of what is taken. */
  private static final int STREAM_WINDOW_BYTES = 128 * 1024;

  /** What all streams of a connection may. */
  private static final int CONNECTION_WINDOW_BYTES = 512 * 1024;

  private static final int MAX_RESETS = 200;

  /** From a proxy, of whose users some stop their downloads, and some send what is refused. */
  private static final int MAX_RESETS_OF_MANY = 10_000;

  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;
  private static final int MAX_EMPTY_DATA_FRAMES = 10;
  private static final int MAX_SMALL_CONTINUATIONS = 16;

  private Http2Codec() {}

  /**
   * @param ofMany whether the connection is a proxy's, with requests of many users
   */
  static Http2FrameCodec of(HarpProxyOptions.Limits limits, boolean ofMany) {
    var settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(limits.streamsPerConnection())
            .maxHeaderListSize(limits.headBytes())
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .connectProtocolEnabled(true);
    int resets = ofMany ? MAX_RESETS_OF_MANY : MAX_RESETS;
    return new Builder(new RefusedStreams())
        .initialSettings(settings)
        .decoderEnforceMaxRstFramesPerWindow(resets, RESET_WINDOW_SECONDS)
        .encoderEnforceMaxRstFramesPerWindow(resets, RESET_WINDOW_SECONDS)
        .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA_FRAMES)
        .decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS)
        .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES)
        // What never comes again would push out of the table what does.
        .headerSensitivityDetector((name, value) -> RequestIds.HEADER.equals(name))
        .build();
  }

  /** Grants what all streams together may send; once the codec is in its pipeline. */
  static void widen(Http2FrameCodec codec) {
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

  /** All streams alike: RFC 9113 has no tree of priorities any more, which costs each request. */
  private static final class Builder extends Http2FrameCodecBuilder {

    private final RefusedStreams streams;

    Builder(RefusedStreams streams) {
      this.streams = streams;
      var evenly = new UniformStreamByteDistributor(streams);
      streams.remote().flowController(new DefaultHttp2RemoteFlowController(streams, evenly));
      connection(streams);
      // How a connection ends is not the codec's affair.
      gracefulShutdownTimeoutMillis(0);
    }

    @Override
    protected Http2FrameCodec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return super.build(decoder, streams.resettingOnce(encoder), settings);
    }
  }
}
