// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.TunnelException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;

/**
 * Carries streams between a client and its server. The client opens them, and each is a channel
 * with a pipeline of its own; the server says what becomes of them when its carrier is made.
 *
 * <p>{@link #openStream} and {@link #close} may be called from any thread, all else on the event
 * loop of the connection that the carrier was made with.
 */
public interface Carrier {

  /**
   * Opens a stream whose pipeline starts with {@code handler}. It may be written at once.
   *
   * <p>Fails with {@link TunnelException}: {@code CLOSED} if the carrier is closed or closing, or
   * is a server's; {@code LIMIT_REACHED}; or with what stood in the way.
   */
  Future<Channel> openStream(ChannelHandler handler);

  /** Changes how many streams there may be, for instance when the peer has proved who it is. */
  void limitStreams(int most);

  /**
   * Asks the peer for a sign of life. Gives false if there was none in time: the carrier is being
   * closed then. Where there is no way to ask, it is true.
   */
  Future<Boolean> probe(Duration patience);

  /** Whether all streams end and begin within one connection. */
  boolean isMultiplexed();

  boolean isEncrypted();

  /** Completes when it is closed, by either side, and carries nothing any more. */
  Future<Void> closed();

  /** Ends all streams. */
  void close();
}
