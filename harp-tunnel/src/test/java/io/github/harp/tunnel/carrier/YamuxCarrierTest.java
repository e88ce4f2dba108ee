// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.yamux.YamuxOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.util.function.Supplier;

class YamuxCarrierTest extends CarrierContract {

  private final YamuxOptions usual = new YamuxOptions();

  @Override
  Carrier client(Channel first, int mostStreams, Supplier<Future<Channel>> dialler) {
    return YamuxCarrier.client(
        first,
        new YamuxOptions(mostStreams, usual.budgetBytes(), usual.keepAlive(), usual.heldBytes()));
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
