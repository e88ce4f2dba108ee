// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import org.jspecify.annotations.Nullable;

/**
 * A connection that knows which streams it has reset, those included that never began: a malformed
 * request, or one too many, is refused before there is a stream for Netty, which takes what is
 * behind it, a body on its way, for an error of the whole connection. Behind a proxy that is
 * everybody else's.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9113#section-5.1">RFC 9113, section 5.1: frames
 *     that come after a reset are discarded</a>
 */
final class RefusedStreams extends DefaultHttp2Connection {

  /** Whose bodies may still be on their way. */
  private static final int REMEMBERED = 256;

  /** One in as many late frames counts like a reset, so that there is an end to them. */
  private static final int LATE_FRAMES = 16;

  private int last;
  private int @Nullable [] reset;
  private int resets;
  private int late;

  RefusedStreams() {
    super(/* server= */ true);
  }

  @Override
  public boolean streamMayHaveExisted(int id) {
    return super.streamMayHaveExisted(id) || id <= last && remote().isValidStreamId(id);
  }

  /** One that resets each stream once, however much still comes for it. */
  Http2ConnectionEncoder resettingOnce(Http2ConnectionEncoder encoder) {
    return new DecoratingHttp2ConnectionEncoder(encoder) {
      @Override
      public ChannelFuture writeRstStream(
          ChannelHandlerContext ctx, int id, long error, ChannelPromise promise) {
        return isToBeReset(id)
            ? super.writeRstStream(ctx, id, error, promise)
            : promise.setSuccess();
      }
    };
  }

  private boolean isToBeReset(int id) {
    if (wasReset(id)) {
      late = (late + 1) % LATE_FRAMES;
      return late == 0;
    }
    if (reset == null) {
      reset = new int[REMEMBERED];
    }
    reset[resets] = id;
    resets = (resets + 1) % REMEMBERED;
    last = Math.max(last, id);
    return true;
  }

  private boolean wasReset(int id) {
    if (reset != null) {
      for (int one : reset) {
        if (one == id) {
          return true;
        }
      }
    }
    return false;
  }
}
