// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.handler.codec.CodecException;
import java.io.IOException;

/** What networks and peers do to a channel: no news for the log when nobody uses it. */
public final class PeerFailures {

  private PeerFailures() {}

  /** A connection that breaks, or bytes that nobody understands; all else is a defect. */
  public static boolean isOne(Throwable cause) {
    return cause instanceof IOException || cause instanceof CodecException;
  }
}
