// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.FrpcToml.Tls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The real frpc dials in over TCP, WebSocket or TLS. */
abstract class FrpcOverTcp extends FrpcStage {

  FrpcOverTcp() {
    super(new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory()));
  }

  final int serverPort = freePort();
  final List<String> opened = new CopyOnWriteArrayList<>();

  void startServer(TunnelServerOptions.Builder options) throws Exception {
    server =
        new TunnelServer(
            options
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort))
                .eventLoops(loops, loops, NioServerSocketChannel.class)
                .listener(
                    new Refused() {
                      @Override
                      public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
                        opened.add(proxy.name());
                      }
                    })
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build());
    server.start().get(30, TimeUnit.SECONDS);
  }

  void startPlainServer() throws Exception {
    startServer(TunnelServerOptions.builder().plain(true));
  }

  Path startTlsServer(Tls tls) throws Exception {
    return startTlsServer(tls, WebSockets.LIKE_OTHERS);
  }

  Path startTlsServer(Tls tls, WebSockets webSockets) throws Exception {
    CertificateAuthority authority =
        CertificateAuthority.open(certs, Duration.ofDays(30), Clock.systemUTC());
    Path folder = certs.resolve("frp");
    SslContext serverOnly =
        SslContextBuilder.forServer(
                folder.resolve("server.crt").toFile(), folder.resolve("server.key").toFile())
            .clientAuth(ClientAuth.NONE)
            .build();
    startServer(
        TunnelServerOptions.builder()
            .webSockets(webSockets)
            .tls(tls == Tls.MUTUAL ? authority::serverContext : () -> serverOnly));
    return folder;
  }

  FrpcToml toml() {
    return FrpcToml.of(serverPort, backend.port(), KEY);
  }

  FrpProcess frpc(String version, FrpcToml toml) {
    return frpc(version, toml.text());
  }

  FrpProcess frpc(String toml) {
    return frpc(FrpBinaries.FIELD, toml);
  }

  FrpProcess connected(String version, FrpcToml toml) {
    var frpc = frpc(version, toml);
    awaitOpen(frpc, toml.remotePort());
    return frpc;
  }

  TunnelStatus.Session session() {
    return server.status().sessions().get(0);
  }

  int freePort() {
    HeldPort held = HeldPort.any();
    toClose.add(held);
    return held.number();
  }
}
