// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
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
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;
  private static final int MAX_EMPTY_DATA_FRAMES = 10;
  private static final int MAX_SMALL_CONTINUATIONS = 16;

  private Http2Codec() {}

  static Http2FrameCodec of(HarpProxyOptions.Limits limits) {
    var settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(limits.streamsPerConnection())
            .maxHeaderListSize(limits.headBytes())
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .connectProtocolEnabled(true);
    return new Builder()
        .initialSettings(settings)
        .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
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

    Builder() {
      connection(evenly(new DefaultHttp2Connection(true)));
      // How a connection ends is not the codec's affair.
      gracefulShutdownTimeoutMillis(0);
    }

    private static DefaultHttp2Connection evenly(DefaultHttp2Connection connection) {
      var streams = new UniformStreamByteDistributor(connection);
      connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, streams));
      return connection;
    }
  }
}
