// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Port scanners, health checks and clients that are killed are nothing for a stack trace. */
@DisplayName("S14: a connection that is reset at once is no stack trace")
class ResetAtOnceTest {

  private static final int TIMES = 200;
  private static final String KEY = "the shared key";

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private MultiThreadIoEventLoopGroup loops;
  private TunnelServer server;
  private InetSocketAddress address;

  @BeforeEach
  void listen() {
    log.start();
    root().addAppender(log);
  }

  @AfterEach
  void stop() {
    root().detachAppender(log);
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  static Stream<Arguments> transports() {
    var nio = Arguments.argumentSet("nio", NioIoHandler.newFactory());
    return Epoll.isAvailable()
        ? Stream.of(nio, Arguments.argumentSet("epoll", EpollIoHandler.newFactory()))
        : Stream.of(nio);
  }

  private void start(IoHandlerFactory transport) throws Exception {
    loops = new MultiThreadIoEventLoopGroup(2, transport);
    var tls = CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .plain(true)
                .tls(() -> tls)
                .eventLoops(
                    loops,
                    loops,
                    loops.isIoType(NioIoHandler.class)
                        ? NioServerSocketChannel.class
                        : EpollServerSocketChannel.class)
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build());
    address = server.start().get(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @MethodSource("transports")
  void beforeAndWithItsFirstBytes(IoHandlerFactory transport) throws Exception {
    start(transport);

    resetManyTimes(new byte[] {0x16, 3, 1, 2});
    resetManyTimes(new byte[] {0x17, 0x16, 3, 1});
    resetManyTimes(new byte[] {0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    resetManyTimes("o\0\0\0\0\0\0\0\100{".getBytes(StandardCharsets.US_ASCII));
    resetManyTimes("GET /~!frp HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    assertNoStackTraces();
  }

  @ParameterizedTest
  @MethodSource("transports")
  void withStreamsAndUsers(IoHandlerFactory transport) throws Exception {
    start(transport);
    var clients = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    for (int i = 0; i < 20; i++) {
      FrpPeer peer = FrpPeer.connect(address, clients).loggedIn(KEY).withTcp("app", 23_000);
      await().until(() -> OpenPorts.has(server, 23_000));
      peer.openWork();
      var dialled = server.dial("", 23_000, loops.next(), anybody -> true);
      if (i % 2 == 0) {
        assertThat(dialled.await(30, TimeUnit.SECONDS)).isTrue();
      }
      peer.reset();
      await().until(() -> server.status().sessions().isEmpty());
    }
    clients.shutdownGracefully(0, 1, TimeUnit.SECONDS);

    assertNoStackTraces();
  }

  /** Whoever wanted it has it, and has not put anything into its pipeline yet. */
  @ParameterizedTest
  @MethodSource("transports")
  void beforeAnybodyUsesWhatWasDialled(IoHandlerFactory transport) throws Exception {
    start(transport);
    var clients = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var peer = FrpPeer.withoutMux(address, clients).loggedIn(KEY).withTcp("app", 23_000);
    await().until(() -> OpenPorts.has(server, 23_000));
    var loop = loops.next();
    for (int i = 0; i < 20; i++) {
      var work = peer.openWork();
      var dialled = server.dial("", 23_000, loop, anybody -> true);
      assertThat(dialled.await(30, TimeUnit.SECONDS)).isTrue();
      work.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      work.channel().close();
      // Asked for, it is read: native transports do so unasked.
      dialled.getNow().read();
      assertThat(dialled.getNow().closeFuture().await(30, TimeUnit.SECONDS)).isTrue();
    }
    peer.close();
    clients.shutdownGracefully(0, 1, TimeUnit.SECONDS);

    assertNoStackTraces();
  }

  /** A reset that finds the connection accepted, half read, or still in the backlog. */
  private void resetManyTimes(byte[] firstBytes) throws IOException {
    for (int i = 0; i < TIMES; i++) {
      try (var socket = new Socket()) {
        socket.setSoLinger(true, 0);
        socket.connect(address);
        if (i % 2 == 1) {
          socket.getOutputStream().write(firstBytes);
        }
      }
    }
  }

  private void assertNoStackTraces() {
    await().until(() -> server.status().newConnections() == 0);
    assertThat(List.copyOf(log.list))
        .filteredOn(event -> event.getThrowableProxy() != null)
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEmpty();
  }
}
