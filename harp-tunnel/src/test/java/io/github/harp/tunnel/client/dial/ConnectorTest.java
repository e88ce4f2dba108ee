// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.client.TunnelNames;
import io.github.harp.tunnel.interop.EchoServer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConnectorTest {

  private final EventLoopGroup loops = SocketKind.best().newLoops(1, "connector");
  private final BlockingWork blocking = new BlockingWork();
  private final List<String> forgotten = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    blocking.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void triesEveryAddressOfAName() throws Exception {
    try (var service = EchoServer.start()) {
      var connected = connect(service.port(), answering(address(2), address(3), address(1)));
      assertThat(connected.isSuccess()).as("%s", connected.cause()).isTrue();
      connected.getNow().close().await();
    }
  }

  @Test
  void failsWhenNoAddressAnswers() throws Exception {
    try (var service = EchoServer.start()) {
      assertThat(connect(service.port(), answering(address(2), address(3))).cause())
          .hasMessageContaining("refused");
    }
  }

  @Test
  void failsWhenTheNameIsUnknown() throws Exception {
    assertThat(
            connect(
                    1,
                    answering(
                        CompletableFuture.failedFuture(new UnknownHostException("some-name"))))
                .cause())
        .hasMessageContaining("some-name");
    assertThat(connect(1, answering()).cause()).hasMessageContaining("some-name: no address");
  }

  @Test
  void theNamesOfTheJvmAreLookedUpOnAnotherThread() throws Exception {
    assertThat(
            new JvmNames(blocking)
                .addressesOf("localhost")
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS))
        .isNotEmpty()
        .allMatch(InetAddress::isLoopbackAddress);
  }

  @Test
  @DisplayName("F2: a name is looked up again after each failed connect")
  void forgetsANameThatLeadsNowhere() throws Exception {
    try (var service = EchoServer.start()) {
      connect(service.port(), answering(address(2), address(1))).getNow().close().await();
      assertThat(forgotten).containsExactly("some-name");
      connect(service.port(), answering(address(1))).getNow().close().await();
      assertThat(forgotten).hasSize(1);
    }
  }

  private TunnelNames answering(InetAddress... addresses) {
    return answering(CompletableFuture.completedFuture(List.of(addresses)));
  }

  private TunnelNames answering(CompletionStage<List<InetAddress>> addresses) {
    return new TunnelNames() {
      @Override
      public CompletionStage<List<InetAddress>> addressesOf(String host) {
        return addresses;
      }

      @Override
      public void forget(String host) {
        forgotten.add(host);
      }
    };
  }

  private Future<Channel> connect(int port, TunnelNames names) throws Exception {
    var connector = new Connector(loops.next(), Duration.ofSeconds(10), names, error -> {});
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
