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
  private final NewConnections.Place place;
  private final ScheduledFuture<?> deadline;
  private boolean tls;
  private @Nullable YamuxSession streams;
  private boolean hasLogin;

  Connection(
      Channel channel, InetSocketAddress address, NewConnections.Place place, Duration timeout) {
    this.channel = channel;
    this.address = address;
    this.place = place;
    this.deadline =
        channel.eventLoop().schedule(this::close, timeout.toMillis(), TimeUnit.MILLISECONDS);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              deadline.cancel(false);
              place.leave();
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
    place.reached(NewConnections.Stage.DECIDING);
    return true;
  }

  /** Bytes have come. */
  void speaks() {
    place.reached(NewConnections.Stage.SPEAKING);
  }

  /** The login is refused: the connection stays only until its client has been told. */
  public void loginFailed() {
    place.reached(NewConnections.Stage.FAILED);
  }

  /** The client is known: the connection no longer counts as new. */
  public void known(int mostStreams) {
    deadline.cancel(false);
    place.leave();
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
