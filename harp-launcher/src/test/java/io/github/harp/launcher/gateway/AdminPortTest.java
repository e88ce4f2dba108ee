// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.launcher.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admin end-point is wanted by whoever names its address; the default one gives way. */
class AdminPortTest {

  private static final int DEFAULT_PORT = 8200;

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void theGatewayServesWhenSomebodyElseHasTheDefaultPort() throws Exception {
    var taken = takeDefaultPort();
    try {
      var gateway = await(gateway(Map.of()).start());

      assertThat(gateway.adminPort()).isZero();
      assertThat(gateway.addresses()).hasSize(1);
      await(gateway.stop(Duration.ZERO));
    } finally {
      if (taken != null) {
        taken.close();
      }
    }
  }

  @Test
  void aPortThatWasAskedForHasToBeFree() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      var address = "127.0.0.1:" + taken.getLocalPort();
      var gateway = gateway(Map.of("HP_ADMIN_ADDRESS", address));

      assertThatThrownBy(() -> await(gateway.start())).hasMessageContaining(address);
    }
  }

  private Gateway gateway(Map<String, String> more) throws Exception {
    var environment = new HashMap<>(more);
    environment.put("HP_SHARED_KEY", "a key that is only used in this test");
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:9");
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:0");
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:0");
    environment.put("HP_CERTS_DIR", folder.toString());
    return new Gateway(Configuration.from(environment, folder), vertx);
  }

  /** Null when somebody on this machine has it already, which is as good. */
  private static ServerSocket takeDefaultPort() {
    try {
      return new ServerSocket(DEFAULT_PORT, 1, InetAddress.getByName("127.0.0.1"));
    } catch (IOException alreadyTaken) {
      return null;
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
