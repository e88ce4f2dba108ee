// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.launcher.config.Configuration;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelTransport;
import io.vertx.core.Vertx;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines dial in to the gateway over QUIC, where that is wanted. */
class TunnelsOverQuicTest {

  private static final String KEY = "the-shared-key-of-this-test";

  @TempDir Path folder;
  private Vertx vertx;
  private Gateway gateway;
  private int port;

  @BeforeEach
  void prepare() throws Exception {
    vertx = Vertx.vertx();
    try (var free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
  }

  @AfterEach
  void stop() throws Exception {
    gateway.stop(Duration.ZERO).await(60, TimeUnit.SECONDS);
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private void start(Map<String, String> more) throws Exception {
    var environment =
        new HashMap<>(
            Map.of(
                "HP_SHARED_KEY",
                KEY,
                "NC_INSTANCE_URL",
                "http://127.0.0.1:1",
                "HP_EXAPPS_ADDRESS",
                "127.0.0.1:0",
                "HP_FRP_ADDRESS",
                "127.0.0.1:0",
                "HP_FRP_QUIC_ADDRESS",
                "127.0.0.1:" + port,
                "HP_ADMIN_ADDRESS",
                "off",
                "HP_CERTS_DIR",
                folder.toString(),
                "HP_DOCKER_ENGINES",
                ""));
    environment.putAll(more);
    gateway =
        new Gateway(Configuration.from(environment, folder), vertx)
            .start()
            .await(60, TimeUnit.SECONDS);
  }

  private TunnelClientOptions.Builder engine(String token) {
    return TunnelClientOptions.to("127.0.0.1", port)
        .transport(TunnelTransport.QUIC)
        .metas(Map.of("token", token))
        .proxies(
            new TunnelProxy("engine", 24001, new TunnelTarget.Tcp("127.0.0.1", 1), false, false));
  }

  private TunnelClientTls certificate() {
    var files = folder.resolve("frp");
    return TunnelClientTls.files(
        Optional.of(files.resolve("client.crt")),
        Optional.of(files.resolve("client.key")),
        Optional.of(files.resolve("ca.crt")),
        Optional.of("harp.nc"));
  }

  @Test
  void aCertificateIsNeededAndTheKey() throws Exception {
    start(Map.of());
    try (var right = TunnelClient.start(engine(KEY).tls(certificate()).build());
        var wrong = TunnelClient.start(engine("a guess").tls(certificate()).build());
        var without = TunnelClient.start(engine(KEY).build())) {
      await().until(() -> right.status().isHealthy());
      await().until(() -> wrong.status().lastFailure().orElse("").contains("refused the login"));
      await().until(() -> without.status().lastFailure().orElse("").contains("certificate"));
      assertThat(without.status().logins()).isZero();
    }
  }

  @Test
  void whereTunnelsNeedNoCertificateTheKeyIsEnough() throws Exception {
    start(Map.of("HP_FRP_DISABLE_TLS", "true"));
    try (var engine = TunnelClient.start(engine(KEY).build())) {
      await().until(() -> engine.status().isHealthy());
    }
  }
}
