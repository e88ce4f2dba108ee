// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.interop.EchoServer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectorTest {

  private final EventLoopGroup loops = SocketTransport.newLoops();
  private final BlockingWork blocking = new BlockingWork();

  @AfterEach
  void stop() {
    blocking.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void triesEveryAddressOfAName() throws Exception {
    try (var service = EchoServer.start()) {
      var connected =
          connect(service.port(), host -> new InetAddress[] {address(2), address(3), address(1)});
      assertThat(connected.isSuccess()).as("%s", connected.cause()).isTrue();
      connected.getNow().close().await();
    }
  }

  @Test
  void failsWhenNoAddressAnswers() throws Exception {
    try (var service = EchoServer.start()) {
      assertThat(
              connect(service.port(), host -> new InetAddress[] {address(2), address(3)}).cause())
          .hasMessageContaining("refused");
    }
  }

  @Test
  void failsWhenTheNameIsUnknown() throws Exception {
    assertThat(
            connect(
                    1,
                    host -> {
                      throw new UnknownHostException(host);
                    })
                .cause())
        .hasMessageContaining("some-name");
  }

  private Future<Channel> connect(int port, Connector.Names names) throws Exception {
    var connector =
        new Connector(SocketTransport.of(loops.next()), blocking, Duration.ofSeconds(10), names);
    var handler =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {}
        };
    return connector.tcp("some-name", port, handler).await();
  }

  /** Loopback addresses beyond the first, where nobody listens. */
  private static InetAddress address(int last) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }
}
