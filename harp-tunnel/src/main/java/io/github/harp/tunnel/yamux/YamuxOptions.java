// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.stream.HeldBytes;
import java.time.Duration;

/**
 * Limits and times of a session.
 *
 * @param maxWindowBytes how far the window of a stream may grow; at least 256 KiB are the
 *     protocol's
 * @param sessionBudgetBytes most that the peer's credit and bytes kept for slow readers may sum up
 *     to; a stream beyond it is refused
 * @param maxStreams most streams at a time, see also {@link YamuxSession#limitStreams}
 * @param keepAliveInterval how often we ping
 * @param keepAliveTimeout how long a peer that sends nothing at all may take to answer a ping
 * @param acknowledgeTimeout how long a peer may take to acknowledge a stream that we opened
 * @param lingerTimeout how long a stream that we closed waits for the peer to close it before it is
 *     reset
 * @param heldBytes bytes kept for slow readers, shared by all sessions that must not exceed them
 *     together
 */
public record YamuxOptions(
    int maxWindowBytes,
    long sessionBudgetBytes,
    int maxStreams,
    Duration keepAliveInterval,
    Duration keepAliveTimeout,
    Duration acknowledgeTimeout,
    Duration lingerTimeout,
    HeldBytes heldBytes) {

  /** What frp's own programs use where they have such a value, and safe values for the rest. */
  public static YamuxOptions defaults() {
    return new YamuxOptions(
        6 << 20,
        1L << 30,
        2048,
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        Duration.ofSeconds(60),
        HeldBytes.limitedTo(256L << 20));
  }

  public YamuxOptions withMaxWindowBytes(int bytes) {
    return new YamuxOptions(
        bytes,
        sessionBudgetBytes,
        maxStreams,
        keepAliveInterval,
        keepAliveTimeout,
        acknowledgeTimeout,
        lingerTimeout,
        heldBytes);
  }

  public YamuxOptions withSessionBudgetBytes(long bytes) {
    return new YamuxOptions(
        maxWindowBytes,
        bytes,
        maxStreams,
        keepAliveInterval,
        keepAliveTimeout,
        acknowledgeTimeout,
        lingerTimeout,
        heldBytes);
  }

  public YamuxOptions withMaxStreams(int streams) {
    return new YamuxOptions(
        maxWindowBytes,
        sessionBudgetBytes,
        streams,
        keepAliveInterval,
        keepAliveTimeout,
        acknowledgeTimeout,
        lingerTimeout,
        heldBytes);
  }

  public YamuxOptions withKeepAlive(Duration interval, Duration timeout) {
    return new YamuxOptions(
        maxWindowBytes,
        sessionBudgetBytes,
        maxStreams,
        interval,
        timeout,
        acknowledgeTimeout,
        lingerTimeout,
        heldBytes);
  }

  public YamuxOptions withLingerTimeout(Duration timeout) {
    return new YamuxOptions(
        maxWindowBytes,
        sessionBudgetBytes,
        maxStreams,
        keepAliveInterval,
        keepAliveTimeout,
        acknowledgeTimeout,
        timeout,
        heldBytes);
  }

  public YamuxOptions withHeldBytes(HeldBytes shared) {
    return new YamuxOptions(
        maxWindowBytes,
        sessionBudgetBytes,
        maxStreams,
        keepAliveInterval,
        keepAliveTimeout,
        acknowledgeTimeout,
        lingerTimeout,
        shared);
  }
}
