// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.Wait;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.core.upstream.UpstreamsContract;
import io.github.harp.dialin.claims.HeardTunnels;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A tunnel to an ExApp is as good as a connection to it. */
class TunnelUpstreamsContractTest extends UpstreamsContract {

  private static final int OPEN = 23000;
  private static final int AWAY = 23001;

  private final TunnelRegister tunnels = RegisteredTunnels.register();
  private final Vertx vertx = Vertx.vertx();
  private final EventLoopGroup loops = ((VertxInternal) vertx).nettyEventLoopGroup();
  private TunnelServer server;
  private TunnelClient client;

  @BeforeEach
  void dialIn() throws Exception {
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .plain(true)
                .authenticator(TunnelAuthenticator.sharedKey("k"))
                .listener(new HeardTunnels(Map.of("", tunnels)))
                .eventLoops(loops, loops, Transport.of(loops).serverChannel())
                .build());
    var exApp = vertx.createNetServer().connectHandler(socket -> socket.handler(socket::write));
    var target =
        new TunnelTarget.Tcp("127.0.0.1", Wait.resultOf(exApp.listen(0, "127.0.0.1")).actualPort());
    client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", server.start().get().getPort())
                .metas(Map.of("token", "k"))
                .proxies(TunnelProxy.of("demo", OPEN, target))
                .build());
    await().until(() -> tunnels.at(OPEN).holder().isPresent());
    tunnels.opened(1, AWAY, TunnelHolder.OF_KEY);
    tunnels.closed(1, AWAY);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    Wait.resultOf(vertx.close());
  }

  @Override
  protected Upstreams upstreams() {
    return new TunnelUpstreams(
        RegisteredTunnels.ways(server, tunnels),
        exApp -> Future.failedFuture(new AssertionError("dialled directly")));
  }

  @Override
  protected ExApp echoingExApp() {
    return exApp(OPEN);
  }

  @Override
  protected ExApp unreachableExApp() {
    return exApp(AWAY);
  }

  @Override
  protected List<EventLoop> eventLoops() {
    return List.of(loops.next(), loops.next());
  }

  private static ExApp exApp(int port) {
    var address = new ExAppAddress("127.0.0.1", port);
    return new ExApp(new AppId("demo"), "1", address, Secret.of("s"), RouteTable.empty());
  }
}
