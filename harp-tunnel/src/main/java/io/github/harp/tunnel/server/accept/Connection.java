// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One accepted TCP connection: a whole session if its streams are multiplexed, else one stream.
 * Belongs to its event loop.
 */
public final class Connection {

  private final Channel channel;
  private final InetSocketAddress address;
  private final Runnable onKnown;
  private final ScheduledFuture<?> deadline;
  private boolean tls;
  private @Nullable YamuxSession streams;
  private boolean hasLogin;

  Connection(Channel channel, InetSocketAddress address, Runnable onKnown, Duration timeout) {
    this.channel = channel;
    this.address = address;
    this.onKnown = onKnown;
    this.deadline =
        channel.eventLoop().schedule(this::close, timeout.toMillis(), TimeUnit.MILLISECONDS);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              deadline.cancel(false);
              onKnown.run();
            });
  }

  public Channel channel() {
    return channel;
  }

  /** Where the client comes from. */
  public InetSocketAddress address() {
    return address;
  }

  public boolean tls() {
    return tls;
  }

  public boolean multiplexed() {
    return streams != null;
  }

  void useTls() {
    tls = true;
  }

  void carry(YamuxSession session) {
    streams = session;
  }

  /**
   * The one login of this connection has arrived: its own deadlines apply from now on. False if it
   * is the second.
   */
  public boolean beginLogin() {
    if (hasLogin) {
      return false;
    }
    hasLogin = true;
    deadline.cancel(false);
    return true;
  }

  /** The client is known: the connection no longer counts as new. */
  public void known(int mostStreams) {
    deadline.cancel(false);
    onKnown.run();
    if (streams != null) {
      streams.limitStreams(mostStreams);
    }
  }

  /** Asks a multiplexed client for a sign of life; gives false if there was none in time. */
  public Future<Boolean> probe(Duration patience) {
    return streams != null ? streams.probe(patience) : channel.eventLoop().newSucceededFuture(true);
  }

  public void close() {
    channel.close();
  }
}
