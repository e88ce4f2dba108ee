// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;

/** One TCP connection for all streams. */
public final class YamuxCarrier extends Carrier {

  private final YamuxSession session;

  private YamuxCarrier(Channel connection, YamuxSession session) {
    super(connection);
    this.session = session;
    connection.pipeline().addLast(session);
  }

  /** The side that opens streams. */
  public static YamuxCarrier client(Channel connection, YamuxSession.Options options) {
    return new YamuxCarrier(connection, YamuxSession.client(options));
  }

  /**
   * @param onStream initialises each stream of the client; must be sharable
   */
  public static YamuxCarrier server(
      Channel connection, YamuxSession.Options options, ChannelHandler onStream) {
    return new YamuxCarrier(connection, YamuxSession.server(options, onStream));
  }

  @Override
  public Future<Channel> openStream(ChannelHandler handler) {
    return session.openStream(handler);
  }

  @Override
  public void limitStreams(int most) {
    session.limitStreams(most);
  }

  @Override
  public Future<Boolean> probe(Duration patience) {
    return session.probe(patience);
  }

  @Override
  public Optional<Duration> roundTrip() {
    return session.roundTrip();
  }

  @Override
  public boolean isMultiplexed() {
    return true;
  }
}
