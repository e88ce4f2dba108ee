// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.config.EngineExport;
import io.github.harp.tunnel.config.FrpcConfig;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.OpenPorts;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The folder for a remote engine is used as it is. */
class EngineExportTest {

  private static final Map<String, String> ENVIRONMENT = Map.of("HP_SHARED_KEY", "the-key");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private TunnelServer server;

  @BeforeEach
  void start() throws Exception {
    var authority = CertificateAuthority.open(folder, Duration.ofDays(30), Clock.systemUTC());
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .tls(authority::serverContext)
                .authenticator(TunnelAuthenticator.sharedKey("the-key"))
                .build());
    int port = server.start().get(30, TimeUnit.SECONDS).getPort();
    new EngineExport("127.0.0.1", port, 24001)
        .write(folder.resolve("out"), authority.clientFiles());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void byTheRealFrpc(String version) {
    try (var frpc = FrpBinaries.of(version).frpc(folder.resolve("out"), "frpc.toml", ENVIRONMENT)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(OpenPorts.has(server, 24001)).as(frpc.log()).isTrue());
    }
  }

  @Test
  void byOurOwnClientFromAnyFolder() throws Exception {
    var config = FrpcConfig.read(folder.resolve("out/frpc.toml"), ENVIRONMENT);
    assertThat(config.warnings()).isEmpty();
    try (var client = TunnelClient.start(config.options().build())) {
      await()
          .atMost(PATIENCE)
          .until(() -> client.status().isHealthy() && OpenPorts.has(server, 24001));
    }
  }
}
