// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A server with its events, and clients that say what they like. */
abstract class ServerFixture {

  static final String KEY = "the shared key";
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  final Events events = new Events();
  TunnelServer server;
  InetSocketAddress address;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  TunnelServerOptions.Builder options() {
    return TunnelServerOptions.builder()
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .plain(true)
        .eventLoops(loops, loops, NioServerSocketChannel.class)
        .listener(events)
        .authenticator(TunnelAuthenticator.sharedKey(KEY));
  }

  void start(TunnelServerOptions.Builder options) throws Exception {
    server = new TunnelServer(options.build());
    address = server.start().get(30, TimeUnit.SECONDS);
  }

  FrpPeer client() {
    return FrpPeer.connect(address, loops);
  }

  Future<Channel> dial(int port) {
    return server.dial("", port, loops.next(), anybody -> true);
  }

  void awaitOpen(int port) {
    await().until(() -> OpenPorts.has(server, port));
  }

  static NewProxy proxy(String name, String type, int port) {
    return new NewProxy(
        name, type, false, false, "", "", "", "", Map.of(), Map.of(), port, "sk", List.of());
  }

  /** Tokens of the form {@code name:port}, each good for that name and that port. */
  static final class OnlyItsOwn implements TunnelAuthenticator {
    @Override
    public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
      return CompletableFuture.completedFuture(
          new LoginDecision.Accept(TunnelIdentity.exclusive(login.metas().get("token"))));
    }

    @Override
    public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
      boolean own = client.name().equals(proxy.name() + ":" + proxy.remotePort());
      return CompletableFuture.supplyAsync(
          () ->
              own
                  ? new ProxyDecision.Allow()
                  : new ProxyDecision.Refuse("not yours", RefusalCode.PROXY));
    }
  }

  /** Tokens of the form {@code name:port}, each good for that port; that of an owner overrules. */
  static final class OnlyItsPort implements TunnelAuthenticator {
    @Override
    public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
      return new OnlyItsOwn().authenticate(login);
    }

    @Override
    public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
      assertThat(client.name()).endsWith(":" + proxy.remotePort());
      return CompletableFuture.completedFuture(
          new ProxyDecision.Allow(client.name().startsWith("owner:")));
    }
  }

  /** Bans after a number of failures. */
  static final class Failures implements LoginBans {
    final List<InetAddress> recorded = new CopyOnWriteArrayList<>();
    private final int allowed;

    Failures(int allowed) {
      this.allowed = allowed;
    }

    @Override
    public boolean isBanned(InetAddress address) {
      return recorded.size() > allowed;
    }

    @Override
    public void recordFailure(InetAddress address, String reason) {
      recorded.add(address);
    }
  }

  static final class Events implements TunnelListener {
    final List<String> heard = new CopyOnWriteArrayList<>();

    @Override
    public void connected(TunnelStatus.Session client) {
      heard.add("connected " + client.identity());
    }

    @Override
    public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
      heard.add("opened " + proxy.name() + " " + proxy.remotePort());
    }

    @Override
    public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
      heard.add("closed " + proxy.name() + ": " + reason);
    }

    @Override
    public void disconnected(TunnelStatus.Session client, String reason) {
      heard.add("disconnected " + client.identity() + ": " + reason);
    }

    @Override
    public void refused(InetSocketAddress address, RefusalCode code, String reason) {
      heard.add("refused: " + reason);
    }
  }
}
