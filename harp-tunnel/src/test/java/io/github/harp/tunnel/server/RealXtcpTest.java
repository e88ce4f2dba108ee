// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.github.harp.tunnel.stun.StunServer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two real frpc are introduced by our server, with our STUN, and no byte passes it. */
class RealXtcpTest extends FrpcStage {

  private static final int SIZE = 3_000_000;

  private final List<FrpProcess> programs = new ArrayList<>();
  private final HeldPort visited = HeldPort.any();
  private StunServer stun;
  private String common;

  RealXtcpTest() {
    super(new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory()));
  }

  @BeforeEach
  void start() throws Exception {
    var loopback = InetAddress.getLoopbackAddress();
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(loopback, 0))
                .plain(true)
                .eventLoops(loops, loops, NioServerSocketChannel.class)
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build());
    stun = new StunServer(new InetSocketAddress(loopback, 0), loopback);
    common =
        """
        serverAddr = "127.0.0.1"
        serverPort = %d
        natHoleStunServer = "127.0.0.1:%d"
        metadatas.token = "%s"
        transport.tls.enable = false
        """
            .formatted(
                server.start().get(30, TimeUnit.SECONDS).getPort(),
                stun.start().get(30, TimeUnit.SECONDS).getPort(),
                KEY);
  }

  @AfterEach
  void leave() throws Exception {
    stun.close();
    visited.close();
  }

  private FrpProcess introduced(String version, String toml) {
    var program = frpc(version, common + toml);
    programs.add(program);
    return program;
  }

  private void offers(String version, String wire) {
    introduced(
            version,
            wire
                + """
                [[proxies]]
                name = "bulk"
                type = "xtcp"
                secretKey = "sk"
                localPort = %d
                """
                    .formatted(backend.port()))
        .awaitLog("start proxy success");
  }

  private int visits(String version, String protocol, String secret) {
    var port = visited.number();
    introduced(
            version,
            """
            [[visitors]]
            name = "visitor"
            type = "xtcp"
            serverName = "bulk"
            secretKey = "%s"
            protocol = "%s"
            bindPort = %d
            """
                .formatted(secret, protocol, port))
        .awaitLog("start visitor success");
    return port;
  }

  @ParameterizedTest
  @CsvSource({
    "0.61.1, 0.61.1, quic",
    "0.70.1, 0.70.1, quic",
    "0.61.1, 0.70.1, quic",
    "0.70.1, 0.61.1, kcp",
  })
  void bytesGoStraight(String owner, String visitor, String protocol) throws Exception {
    offers(owner, "");
    download(visits(visitor, protocol, "sk"));
  }

  @Test
  void wireProtocol2SpeaksOfVisitorsToo() throws Exception {
    offers(FrpBinaries.NEWEST, "transport.wireProtocol = \"v2\"\n");
    download(visits(FrpBinaries.NEWEST, "quic", "sk"));
  }

  private void download(int port) throws Exception {
    try (var user = new Socket(InetAddress.getLoopbackAddress(), port)) {
      user.setSoTimeout((int) PATIENCE.toMillis());
      user.getOutputStream().write(("send " + SIZE + "\n").getBytes(StandardCharsets.US_ASCII));
      assertThat(user.getInputStream().readAllBytes()).isEqualTo(Pattern.bytes(SIZE));
    }
    await()
        .untilAsserted(
            () ->
                assertThat(server.status().introductions())
                    .isEqualTo(new TunnelStatus.Introductions(1, 1, 1, 0, "", 0)));
    assertThat(server.status().sessions())
        .extracting(TunnelStatus.Session::bytesIn, TunnelStatus.Session::bytesOut)
        .allSatisfy(bytes -> assertThat(bytes.toList()).containsOnly(0L));
  }

  @Test
  void whoDoesNotKnowTheSecretIsNotIntroduced() throws Exception {
    offers(FrpBinaries.FIELD, "");
    var port = visits(FrpBinaries.FIELD, "quic", "guess");
    try (var user = new Socket(InetAddress.getLoopbackAddress(), port)) {
      user.getOutputStream().write('\n');
      programs.get(1).awaitLog("xtcp connection of [bulk] auth failed");
    }
    assertThat(server.status().introductions()).isEqualTo(TunnelStatus.Introductions.NONE);
  }
}
