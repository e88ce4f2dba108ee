// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.HeldBytes;
import java.time.Duration;

/**
 * What a session may cost, and how it is watched.
 *
 * @param maxStreams most streams at a time, see also {@link YamuxSession#limitStreams}
 * @param budgetBytes most that the peer's credit and bytes kept for slow readers may sum up to; a
 *     stream beyond it is refused
 * @param keepAlive how often we ping
 * @param heldBytes bytes kept for slow readers, shared by all sessions that must not exceed them
 *     together
 */
public record YamuxOptions(
    int maxStreams, long budgetBytes, Duration keepAlive, HeldBytes heldBytes) {

  /** What frp's own programs use where they have such a value, and safe values for the rest. */
  public YamuxOptions() {
    this(2048, 1L << 30, Duration.ofSeconds(30), HeldBytes.limitedTo(256L << 20));
  }
}
