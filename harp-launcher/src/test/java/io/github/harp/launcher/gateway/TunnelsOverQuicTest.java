// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TestSettings.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelTransport;
import io.vertx.core.Vertx;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines dial in to the gateway over QUIC, where that is wanted. */
class TunnelsOverQuicTest {

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
    var environment = TestSettings.in(folder);
    environment.put("HP_ADMIN_ADDRESS", "off");
    environment.put("HP_FRP_QUIC_ADDRESS", "127.0.0.1:" + port);
    environment.putAll(more);
    gateway = TestSettings.start(environment, folder, vertx).await(60, TimeUnit.SECONDS);
  }

  private TunnelClientOptions.Builder engine(String token) {
    return DialledEngine.by(TunnelTransport.QUIC, port, token);
  }

  @Test
  void aCertificateIsNeededAndTheKey() throws Exception {
    start(Map.of());
    try (var right =
            TunnelClient.start(engine(KEY).tls(DialledEngine.certificate(folder)).build());
        var wrong =
            TunnelClient.start(engine("a guess").tls(DialledEngine.certificate(folder)).build());
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
