// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuicListenerTest {

  @Test
  void listensWhereConnectionsLiveOnATransportWithoutItsSockets() throws Exception {
    // As io_uring's, which the library for QUIC has no sockets for.
    var loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    try {
      var listener =
          QuicListener.listen(
                  loops.next(),
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                  1,
                  () -> {
                    throw new AssertionError("nobody came");
                  },
                  (connection, peer) -> {})
              .get(30, TimeUnit.SECONDS);
      assertThat(listener.address().getPort()).isPositive();
      assertThat(listener.close().await(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }
}
