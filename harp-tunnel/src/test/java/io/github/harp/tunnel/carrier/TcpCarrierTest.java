// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.util.function.Supplier;

class TcpCarrierTest extends CarrierOverTcpContract {

  @Override
  Carrier client(Channel first, int mostStreams, Supplier<Future<Channel>> dialler) {
    return TcpCarrier.client(first, mostStreams, dialler);
  }

  @Override
  Carrier server(Channel connection, ChannelHandler onStream) {
    return TcpCarrier.server(connection, onStream);
  }

  @Override
  boolean isMultiplexed() {
    return false;
  }
}
