// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelAuthenticator;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.TunnelServerOptions;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real frpc dials in. */
class RealFrpcTest {

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final BackendService backend = new BackendService();

  @AfterEach
  void stop() {
    backend.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.52.3", "0.61.1", "0.65.0", "0.70.1"})
  void echoes(String version) throws Exception {
    TunnelServerOptions options =
        TunnelServerOptions.defaults()
            .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .withPlain(true)
            .withEventLoops(loops, loops)
            .withAuthenticator(TunnelAuthenticator.sharedKey("k"));
    try (TunnelServer server = new TunnelServer(options)) {
      int port = server.start().get(10, TimeUnit.SECONDS).getPort();
      String toml =
          """
          serverAddr = "127.0.0.1"
          serverPort = %d
          transport.tls.enable = false
          metadatas.token = "k"
          [[proxies]]
          name = "app"
          type = "tcp"
          remotePort = 23000
          localPort = %d
          """
              .formatted(port, backend.port());
      try (FrpProcess frpc = FrpBinaries.of(version).frpc(toml)) {
        try {
          await().until(() -> server.isOpen(23000));
        } finally {
          System.out.println(frpc.log());
        }
        for (int i = 0; i < 4; i++) {
          EventLoop loop = loops.next();
          TunnelUser user = TunnelUser.dial(server, 23000, loop).says("echo\n").says("hello");
          await().until(() -> user.head().equals("hello"));
          user.channel().close();
        }
        TunnelUser user = TunnelUser.dial(server, 23000, loops.next()).says("send 100000000\n");
        assertThat(user.awaitEnd()).isEqualTo(100000000);
        assertThat(user.checksum()).isEqualTo(Pattern.checksum(100000000));
      }
    }
  }
}
