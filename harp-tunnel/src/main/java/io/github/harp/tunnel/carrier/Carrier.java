// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.TunnelException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * Carries streams between a client and its server. The client opens them, and each is a channel
 * with a pipeline of its own; the server says what becomes of them when its carrier is made.
 *
 * <p>{@link #openStream} and {@link #close} may be called from any thread, all else on the event
 * loop of the connection that the carrier was made with.
 */
public abstract class Carrier {

  private final Channel connection;
  private final boolean encrypted;

  /**
   * @param connection what it begins with, and ends with
   */
  Carrier(Channel connection) {
    this(connection, connection.pipeline().get(SslHandler.class) != null);
  }

  protected Carrier(Channel connection, boolean encrypted) {
    this.connection = connection;
    this.encrypted = encrypted;
  }

  protected final Channel connection() {
    return connection;
  }

  /**
   * Opens a stream whose pipeline starts with {@code handler}. It may be written at once.
   *
   * <p>Fails with {@link TunnelException}: {@code CLOSED} if the carrier is closed or closing, or
   * is a server's; {@code LIMIT_REACHED}; or with what stood in the way.
   */
  public abstract Future<Channel> openStream(ChannelHandler handler);

  /** Changes how many streams there may be, for instance when the peer has proved who it is. */
  public abstract void limitStreams(int most);

  /**
   * Asks the peer for a sign of life. Gives false if there was none in time: the carrier is being
   * closed then. Where there is no way to ask, it is true.
   */
  public abstract Future<Boolean> probe(Duration patience);

  /** Whether all streams end and begin within one connection. */
  public abstract boolean isMultiplexed();

  /** What streams travel on. */
  public String transport() {
    return "TCP";
  }

  /** How long the way there and back took lately, from any thread; empty when nobody knows. */
  public Optional<Duration> roundTrip() {
    return Optional.empty();
  }

  public final boolean isEncrypted() {
    return encrypted;
  }

  /** Completes when it is closed, by either side, and carries nothing any more. */
  public final Future<Void> closed() {
    return connection.closeFuture();
  }

  /** Ends all streams. */
  public final void close() {
    connection.close();
  }
}
