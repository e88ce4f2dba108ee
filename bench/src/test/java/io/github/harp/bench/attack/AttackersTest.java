// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.harp.bench.attack.kinds.AttackKind;
import io.github.harp.bench.attack.kinds.Attackers;
import io.github.harp.bench.attack.kinds.Door.Doors;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.process.FreePorts;
import io.github.harp.bench.target.Target;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.launcher.gateway.Gateway;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class AttackersTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String KEY = "a key that is only used in this test";

  private final FreePorts ports = new FreePorts();
  private final int front = ports.take();
  private final int tunnels = ports.take();
  private final int hostile = ports.take();
  private final Vertx vertx = Vertx.vertx();
  private final Target target = Target.http(front, App.PLAIN);
  @TempDir private Path folder;
  private Gateway gateway;

  @BeforeAll
  static void logNothing() {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.OFF);
    }
  }

  @BeforeEach
  void start() throws Exception {
    int plain = serve(request -> request.response().end("x".repeat(100)));
    var nextcloud =
        new AppApiDouble(KEY).exApp(exApp(App.PLAIN, plain)).exApp(exApp(App.HOSTILE, hostile));
    var environment =
        Map.of(
            "HP_SHARED_KEY",
            KEY,
            "NC_INSTANCE_URL",
            "http://127.0.0.1:" + serve(nextcloud),
            "HP_EXAPPS_ADDRESS",
            "127.0.0.1:" + front,
            "HP_FRP_ADDRESS",
            "127.0.0.1:" + tunnels,
            "HP_ADMIN_ADDRESS",
            "off",
            "HP_DOCKER_ENGINES",
            "",
            "HP_CERTS_DIR",
            folder.toString());
    gateway =
        vertx
            .executeBlocking(() -> new Gateway(Configuration.from(environment, folder), vertx))
            .compose(Gateway::start)
            .await();
  }

  @AfterEach
  void stop() {
    gateway.stop(Duration.ofSeconds(1)).await();
    vertx.close().await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"slow-heads", "h2-slow-app", "app-trickle+tunnel-half-logins:small"})
  void othersAreServedMeanwhileAndAfterwards(String kinds) throws Exception {
    long connections = AttackKind.connections(kinds);
    var honest = HonestClient.to(List.of(target));

    try (var attackers =
        Attackers.start(kinds, new Doors(front, front, tunnels, hostile, folder.resolve("frp")))) {
      await().atMost(LIMIT).until(() -> attackers.tally().connections() >= connections);

      assertThat(honest.ask(target)).isTrue();
    }

    assertThat(honest.ask(target)).isTrue();
    assertThat(honest.refusals()).isEmpty();
  }

  @Test
  void aKindMayDiffer() {
    assertThat(AttackKind.connections("h2-cut:tls:small+slow-heads:small"))
        .isEqualTo(AttackKind.connections("h2-cut+slow-heads"));
    assertThatThrownBy(() -> AttackKind.connections("tunnel-half-logins:tls"))
        .hasMessageContaining("unknown");
  }

  @Test
  void whoIsRefusedIsNotTakenForServed() {
    var honest = HonestClient.to(List.of());

    assertThat(honest.ask(Target.http(front, App.LIVE))).isFalse();
    assertThat(honest.refusals()).containsEntry("404", 1);
  }

  private int serve(Handler<HttpServerRequest> handler) {
    var server = vertx.createHttpServer().requestHandler(handler);
    return server.listen(0, "127.0.0.1").await().actualPort();
  }

  private static ExApp exApp(App app, int port) {
    var routes = List.of(new ExAppRoute("^/.*", AccessLevel.PUBLIC, Set.of()));
    var address = new ExAppAddress("127.0.0.1", port);
    return new ExApp(new AppId(app.id()), "1", address, Secret.of("s"), RouteTable.of(routes));
  }
}
