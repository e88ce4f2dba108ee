// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.util.function.Supplier;

class YamuxCarrierTest extends CarrierOverTcpContract {

  private final YamuxSession.Options usual = new YamuxSession.Options();

  @Override
  Carrier client(Channel first, int mostStreams, Supplier<Future<Channel>> dialler) {
    return YamuxCarrier.client(
        first,
        new YamuxSession.Options(
            mostStreams, usual.budgetBytes(), usual.pings(), usual.heldBytes()));
  }

  @Override
  Carrier server(Channel connection, ChannelHandler onStream) {
    return YamuxCarrier.server(connection, usual, onStream);
  }

  @Override
  boolean isMultiplexed() {
    return true;
  }
}
