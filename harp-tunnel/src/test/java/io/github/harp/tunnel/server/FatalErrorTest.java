// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelNames;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S1: an error that an event loop does not get over is told to the host, wherever it turns up. */
class FatalErrorTest {

  private static final String KEY = "k";
  private static final long PATIENCE_SECONDS = 30;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Error missing = new NoClassDefFoundError("io/github/harp/Missing");
  private final BlockingQueue<Throwable> ofServer = new LinkedBlockingQueue<>();
  private final BlockingQueue<Throwable> ofClient = new LinkedBlockingQueue<>();
  private final TunnelAuthenticator authenticator = TunnelAuthenticator.sharedKey(KEY);
  private TunnelServer server;
  private TunnelClient client;

  @AfterEach
  void stop() {
    client.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @ParameterizedTest(name = "multiplexed: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("S1: in a login")
  void s1_inALogin(boolean multiplexed) throws Exception {
    start(
        login -> {
          throw missing;
        },
        multiplexed);

    assertThat(next(ofServer)).isSameAs(missing);
  }

  @ParameterizedTest(name = "multiplexed: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("S1: when a proxy is opened")
  void s1_whenAProxyIsOpened(boolean multiplexed) throws Exception {
    start(
        new TunnelAuthenticator() {
          @Override
          public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
            return authenticator.authenticate(login);
          }

          @Override
          public CompletionStage<ProxyDecision> authorize(TunnelIdentity who, ProxyRequest proxy) {
            throw missing;
          }
        },
        multiplexed);

    assertThat(next(ofServer)).isSameAs(missing);
  }

  @Test
  @DisplayName("S1: in a stream that nobody looks after any more, and in a client's")
  void s1_inAStream() throws Exception {
    start(authenticator, true);
    await().until(() -> OpenPorts.has(server, 23_000));

    var user =
        server
            .dial("", 23_000, loops.next(), anybody -> true)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    user.pipeline().addLast(new Broken());
    user.config().setAutoRead(true);

    assertThat(next(ofServer)).isSameAs(missing);
    assertThat(next(ofClient)).isSameAs(missing);
  }

  private void start(TunnelAuthenticator decides, boolean multiplexed) throws Exception {
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .plain(true)
                .eventLoops(loops, loops, NioServerSocketChannel.class)
                .authenticator(decides)
                .onFatalError(ofServer::add)
                .build());
    var address = server.start().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", address.getPort())
                .tcpMux(multiplexed)
                .metas(Map.of("token", KEY))
                .names(loop -> new BrokenNames())
                .proxies(TunnelProxy.of("app", 23_000, new TunnelTarget.Tcp("app.example", 80)))
                .onFatalError(ofClient::add)
                .build());
  }

  private static Throwable next(BlockingQueue<Throwable> told) throws InterruptedException {
    return told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private final class BrokenNames implements TunnelNames {
    @Override
    public CompletionStage<List<InetAddress>> addressesOf(String name) {
      throw missing;
    }

    @Override
    public void forget(String name) {}
  }

  private final class Broken extends ChannelInboundHandlerAdapter {
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      throw missing;
    }
  }
}
