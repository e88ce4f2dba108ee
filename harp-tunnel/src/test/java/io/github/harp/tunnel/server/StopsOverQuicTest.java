// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The end of a server that has an event loop for QUIC's sockets, as it has with io_uring. */
class StopsOverQuicTest {

  /** Of a kind that has no sockets for QUIC, as far as anybody can tell. */
  private static final class OtherLoops extends MultiThreadIoEventLoopGroup {

    OtherLoops() {
      super(1, NioIoHandler.newFactory());
    }

    @Override
    protected IoEventLoop newChild(
        Executor executor, IoHandlerFactory sockets, Object... arguments) {
      return new SingleThreadIoEventLoop(this, executor, sockets) {
        @Override
        public boolean isIoType(Class<? extends IoHandler> type) {
          return false;
        }
      };
    }
  }

  /** Its loop ends with its socket, and who wanted to be told of that by it never was, at times. */
  @Test
  void itStopsHoweverSoonTheLoopHasEnded() throws Exception {
    var loops = new OtherLoops();
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var self = CertificateAuthority.throwAwayServer(Clock.systemUTC());
    var credentials = new ServerCredentials(self, Optional.empty());
    try {
      for (int i = 0; i < 40; i++) {
        var server =
            new TunnelServer(
                TunnelServerOptions.builder()
                    .address(here)
                    .plain(true)
                    .eventLoops(loops, loops, NioServerSocketChannel.class)
                    .quic(here, () -> credentials)
                    .authenticator(TunnelAuthenticator.sharedKey("key"))
                    .build());
        server.start().get(30, TimeUnit.SECONDS);

        assertThat(server.stop(Duration.ZERO).await(30, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
