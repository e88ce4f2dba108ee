// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.proxy.wire.TestProxy;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UpstreamsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private interface OnVertx {
    void run(VertxInternal vertx) throws Exception;
  }

  private static void on(Transport transport, OnVertx test) throws Exception {
    assumeTrue(transport.unavailability() == null, () -> transport + " does not work here");
    var vertx = transport.start();
    try {
      test.run((VertxInternal) vertx);
    } finally {
      TestProxy.await(vertx.close());
    }
  }

  private static Channel connected(ServerSocket server, EventLoop loop) throws Exception {
    var address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    return TestProxy.await(new TcpUpstream(address, TIMEOUT).connect(loop));
  }

  private static ExApp exApp(String host, int port) {
    return TestExApp.at(host, port, "app", "x");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("S14: what is reset before anybody has taken it over ends, without a stack trace")
  void s14_aConnectionThatIsResetBeforeAnybodyHasItEnds(Transport transport) throws Exception {
    on(
        transport,
        vertx -> {
          try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var channel = connected(server, vertx.nettyEventLoopGroup().next());

            channel.pipeline().fireExceptionCaught(new SocketException("Connection reset"));

            assertThat(channel.closeFuture().await(TIMEOUT.toMillis())).isTrue();
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whoHasTakenItOverIsTold(Transport transport) throws Exception {
    on(
        transport,
        vertx -> {
          try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var channel = connected(server, vertx.nettyEventLoopGroup().next());
            var told = new CompletableFuture<Throwable>();
            channel
                .pipeline()
                .addLast(
                    new ChannelInboundHandlerAdapter() {
                      @Override
                      public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        told.complete(cause);
                      }
                    });

            channel.pipeline().fireExceptionCaught(new SocketException("Connection reset"));

            assertThat(told.get(5, TimeUnit.SECONDS)).hasMessage("Connection reset");
            assertThat(channel.isOpen()).isTrue();
            channel.close();
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aConnectionIsOnTheLoopThatAskedAndDoesNotReadYet(Transport transport) throws Exception {
    on(
        transport,
        vertx -> {
          try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var loop = vertx.nettyEventLoopGroup().next();
            var channel =
                TestProxy.await(
                    new TcpUpstream((InetSocketAddress) server.getLocalSocketAddress(), TIMEOUT)
                        .connect(loop));

            assertThat(channel.eventLoop()).isSameAs(loop);
            assertThat(channel.isActive()).isTrue();
            assertThat(channel.config().isAutoRead()).isFalse();
            assertThat(channel.pipeline().toMap().values())
                .as("beside what the loop itself puts there")
                .filteredOn(handler -> !handler.getClass().getSimpleName().equals("FairReads"))
                .hasSize(1);
            channel.close().sync();
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aUnixSocketIsReachedOnEveryTransport(Transport transport, @TempDir Path folder)
      throws Exception {
    var path = folder.resolve("s");
    on(
        transport,
        vertx -> {
          try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            var channel =
                TestProxy.await(
                    new UnixUpstream(path, TIMEOUT).connect(vertx.nettyEventLoopGroup().next()));

            assertThat(channel.isActive()).isTrue();
            channel.close().sync();
          }
        });
  }

  @Test
  void whereNobodyListensTheErrorNamesThePlace() throws Exception {
    on(
        Transport.NIO,
        vertx -> {
          var nowhere = new UnixUpstream(Path.of("/nonexistent/socket"), TIMEOUT);
          assertThatThrownBy(
                  () -> TestProxy.await(nowhere.connect(vertx.nettyEventLoopGroup().next())))
              .isInstanceOf(CompletionException.class)
              .cause()
              .isInstanceOf(HarpException.class)
              .hasMessageContaining("unix:///nonexistent/socket");
        });
  }

  @Test
  void addressesNeedNoResolutionAndNamesAreForgottenWhenTheyLeadNowhere() throws Exception {
    var forgotten = new ArrayList<String>();
    var names = new Names(List.of(InetAddress.getLoopbackAddress()), forgotten);
    var upstreams = new DirectUpstreams(names, TIMEOUT, List.of());
    int port;
    try (var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = nobody.getLocalPort();
    }
    Upstream literal = TestProxy.await(upstreams.locate(exApp("127.0.0.1", port)));
    Upstream named = TestProxy.await(upstreams.locate(exApp("my-app", port)));

    assertThat(named).isEqualTo(literal).hasSameHashCodeAs(literal);
    assertThat(upstreams.locate(exApp("::1", port)).result()).hasToString("tcp://[::1]:" + port);
    on(
        Transport.NIO,
        vertx ->
            assertThatThrownBy(
                    () -> TestProxy.await(named.connect(vertx.nettyEventLoopGroup().next())))
                .hasMessageContaining("127.0.0.1:" + port));
    assertThat(forgotten).containsExactly("my-app");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @DisplayName("F2: when one address of a name refuses, the next is tried")
  void theNextAddressIsTried(Transport transport) throws Exception {
    on(
        transport,
        vertx -> {
          try (var server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.3"))) {
            var addresses =
                List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.3"));
            var forgotten = new ArrayList<String>();
            var names = new Names(addresses, forgotten);
            var upstream =
                TestProxy.await(
                    new DirectUpstreams(names, TIMEOUT, List.of())
                        .locate(exApp("my-app", server.getLocalPort())));

            var channel = TestProxy.await(upstream.connect(vertx.nettyEventLoopGroup().next()));

            assertThat(((InetSocketAddress) channel.remoteAddress()).getAddress())
                .isEqualTo(server.getInetAddress());
            assertThat(forgotten).containsExactly("my-app");
            assertThat(upstream)
                .hasToString(
                    "tcp://127.0.0.2:%1$d,127.0.0.3:%1$d".formatted(server.getLocalPort()));
            channel.close().sync();
          }
        });
  }

  /** Knows all names. */
  private record Names(List<InetAddress> addresses, List<String> forgotten) implements HostNames {

    @Override
    public Future<List<InetAddress>> resolve(String name) {
      return Future.succeededFuture(addresses);
    }

    @Override
    public void forget(String name) {
      forgotten.add(name);
    }
  }

  @Test
  void localhostIsFoundInTheHostsFile() throws Exception {
    on(
        Transport.NIO,
        vertx -> {
          try (var names = new DnsHostNames(vertx.nettyEventLoopGroup())) {
            assertThat(TestProxy.await(names.resolve("localhost")))
                .allMatch(InetAddress::isLoopbackAddress);
            assertThatThrownBy(() -> TestProxy.await(names.resolve("no-such-host.invalid")))
                .cause()
                .isInstanceOf(HarpException.class)
                .extracting(failure -> ((HarpException) failure).code())
                .isEqualTo(HarpException.Code.UNREACHABLE);
          }
        });
  }

  @ParameterizedTest(name = "who listens at {0} is reached at {1}: {2}")
  @CsvSource({
    "127.0.0.1, 127.0.0.1, true",
    "127.0.0.1, 0.0.0.0, true",
    "127.0.0.1, ::ffff:127.0.0.1, true",
    "127.0.0.1, my-app, true",
    "127.0.0.1, 127.0.0.2, false",
    "0.0.0.0, 127.0.0.2, true",
    "0.0.0.0, ::1, true",
    "0.0.0.0, 192.0.2.1, false",
    "::, 127.0.0.1, true",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 127.0.0.1, false"
  })
  void noExAppIsWhereThisProcessListens(String own, String host, boolean isOwn) throws Exception {
    var names = new Names(List.of(InetAddress.getLoopbackAddress()), new ArrayList<>());
    var listeners = List.of(new InetSocketAddress(own, 8200));
    var upstreams = new DirectUpstreams(names, TIMEOUT, listeners);

    assertThat(upstreams.locate(exApp(host, 8200)).failed()).isEqualTo(isOwn);
    assertThat(upstreams.locate(exApp(host, 8201)).succeeded()).isTrue();
  }
}
