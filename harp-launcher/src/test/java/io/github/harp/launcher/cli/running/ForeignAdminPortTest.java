// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.Shell;
import io.github.harp.launcher.cli.HarpCommand;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands beside a gateway, while a program that is none has the port of its admin end-point. */
class ForeignAdminPortTest {

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final List<String> keysSeen = new CopyOnWriteArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Gateway gateway;
  private HttpServer stranger;

  @BeforeEach
  void start() throws Exception {
    gateway = await(new Gateway(Configuration.from(environment(Map.of()), folder), vertx).start());
    stranger =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      request.headers().getAll("harp-shared-key").forEach(keysSeen::add);
                      request.response().end("{\"status\": \"ready\"}");
                    })
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void stop() throws Exception {
    await(gateway.stop(Duration.ZERO));
    await(vertx.close());
  }

  @Test
  void healthBelievesTheGatewayOnly() {
    assertThat(run(gateway.adminPort(), "health")).as(err.toString()).isZero();
    assertThat(run(stranger.actualPort(), "health")).isEqualTo(1);

    assertThat(err.toString())
        .contains("HP_ADMIN_ADDRESS 127.0.0.1:" + stranger.actualPort())
        .contains("found another program, which answers 200, expected the gateway");
  }

  @Test
  void theKeyIsShownToTheGatewayOnly() {
    assertThat(run(gateway.adminPort(), "bans", "list")).isZero();
    assertThat(run(stranger.actualPort(), "bans", "list")).isEqualTo(1);
    assertThat(run(stranger.actualPort(), "bans", "clear")).isEqualTo(1);
    run(stranger.actualPort(), "doctor");

    assertThat(keysSeen).isEmpty();
    assertThat(err.toString()).contains("found another program");
  }

  @Test
  void theDoctorSaysWhoIsThereAndExaminesWhatItCan() {
    assertThat(run(stranger.actualPort(), "doctor")).isEqualTo(2);

    assertThat(out.toString())
        .contains("[warn]  gateway: HP_ADMIN_ADDRESS 127.0.0.1:" + stranger.actualPort())
        .contains("[note]  ports: ")
        .doesNotContain("can't be listened on");
  }

  @Test
  void aGatewayWithAnotherKeyIsNotOurs() {
    var other = new HashMap<>(environment(listeners(gateway.adminPort())));
    other.put("HP_SHARED_KEY", "another key of this test");

    assertThat(run(other, "health")).isEqualTo(1);
    assertThat(err.toString()).contains("found a HaRP with another key");
  }

  private int run(int adminPort, String... arguments) {
    return run(environment(listeners(adminPort)), arguments);
  }

  private int run(Map<String, String> environment, String... arguments) {
    var shell =
        new Shell(
            environment,
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            OutputStream.nullOutputStream(),
            false);
    return HarpCommand.run(shell, arguments);
  }

  private Map<String, String> listeners(int adminPort) {
    return Map.of(
        "HP_ADMIN_ADDRESS", "127.0.0.1:" + adminPort,
        "HP_EXAPPS_ADDRESS", "127.0.0.1:" + gateway.addresses().get(0).getPort(),
        "HP_FRP_ADDRESS", "127.0.0.1:" + gateway.tunnelAddress().getPort());
  }

  private Map<String, String> environment(Map<String, String> more) {
    var environment = TestSettings.in(folder);
    environment.putAll(more);
    return environment;
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
