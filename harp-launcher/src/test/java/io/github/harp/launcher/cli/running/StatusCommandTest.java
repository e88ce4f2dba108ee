// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.launcher.Shell;
import io.github.harp.launcher.cli.HarpCommand;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final StringWriter out = new StringWriter();

  private Shell shell(Map<String, String> environment, boolean isTerminal) {
    var writer = new PrintWriter(out, true);
    return new Shell(environment, writer, writer, OutputStream.nullOutputStream(), isTerminal);
  }

  @Nested
  class OfARunningGateway {

    @TempDir Path folder;

    private final Vertx vertx = Vertx.vertx();
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
      gateway = done(new Gateway(Configuration.from(environment(0), folder), vertx).start());
    }

    @AfterEach
    void stop() throws Exception {
      done(gateway.stop(Duration.ZERO));
      done(vertx.close());
    }

    @Test
    void isOneScreen() {
      assertThat(run(false, "status")).isZero();

      assertThat(out.toString())
          .startsWith("HaRP ")
          .contains("  ready  for 0 minutes  http://127.0.0.1:9\n")
          .contains("0.0 requests/s  0.0 errors/s  ", "certificates of tunnels (")
          .doesNotContain("\u001b");
    }

    @Test
    void isJsonForMachines() {
      assertThat(run(false, "status", "--json")).isZero();

      assertThat(new JsonObject(out.toString()).getBoolean("ready")).isTrue();
    }

    @Test
    void isLookedAtAgainUntilOneHasSeenEnough() throws Exception {
      var watcher = new Thread(() -> run(true, "status", "--watch"), "watcher");
      watcher.start();
      try {
        await().atMost(PATIENCE).until(() -> out.toString().split("\u001b\\[H", -1).length > 2);
      } finally {
        watcher.interrupt();
        watcher.join(PATIENCE.toMillis());
      }
      assertThat(watcher.isAlive()).isFalse();
    }

    private int run(boolean isTerminal, String... arguments) {
      return HarpCommand.run(shell(environment(gateway.adminPort()), isTerminal), arguments);
    }

    private Map<String, String> environment(int adminPort) {
      var environment = TestSettings.in(folder);
      environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:" + adminPort);
      return environment;
    }
  }

  private static final JsonObject STATUS =
      new JsonObject(
          """
          {"version": "1.2", "since": "2026-01-01T00:00:00Z", "ready": false,
           "nextcloud": "https://cloud", "open_connections": 7,
           "traffic": {
             "now": {"requests": 12.25, "errors": 0.5, "p50_ms": 2.5, "p99_ms": 430,
               "bytes_in": 999, "bytes_out": 1500000},
             "exapps": {"llm2": {"requests": 0.1, "errors": 0, "p99_ms": 12000}}},
           "exapps": [
             {"id": "llm2", "version": "2.0", "host": "h", "port": 23000, "way": "tunnel_away"},
             {"id": "x", "version": "\\u001b[31m", "host": "10.0.0.1", "port": 1, "way": "direct"}],
           "orders": [{"place": "engine 24000", "what": "create nc_app_x", "seconds": 75},
             {"place": "engine 24000", "what": "pull image x:1", "seconds": 9, "percent": 42}],
           "cluster": {"nodes": [
             {"name": "one", "state": "this", "version": "1.2"},
             {"name": "two", "state": "present", "version": "1.2",
               "link": {"connected": true, "streams": 3, "trouble": ""}},
             {"name": "three", "state": "silent", "version": "1.1",
               "link": {"connected": false, "streams": 0, "trouble": "it has no address"}}]},
           "certificates": [
             {"file": "ca.crt", "not_after": "2055-01-01T00:00:00Z"},
             {"file": "server.crt", "not_after": "2026-01-20T00:00:00Z"},
             {"file": "client.crt", "not_after": "2025-12-01T00:00:00Z"}],
           "bans": [{"list": "users", "address": "203.0.113.7", "banned": true,
             "events": [{"reason": "NO_ROUTE"}, {"reason": "NO_ROUTE"}, {"reason": "A"}]}],
           "alarms": ["the key is weak"]}
          """);

  private void show(boolean isTerminal) {
    var clock = Clock.fixed(Instant.parse("2026-01-05T00:00:00Z"), ZoneOffset.UTC);
    new StatusScreen(shell(Map.of(), isTerminal), clock).show(STATUS);
  }

  @Test
  void columnsStandUnderEachOtherAndNothingFromOutsideMovesTheCursor() {
    show(false);

    assertThat(out.toString())
        .isEqualTo(
            """
            HaRP 1.2  not ready  for 4 days  https://cloud
            12 requests/s  0.5 errors/s  p50 2.5 ms  p99 430 ms  in 999 B/s  out 1.5 MB/s  7 connections

            ExApps (2)
              llm2  2.0         h:23000     tunnel away  0.1 requests/s  0.0 errors/s  p99 12000 ms
              x     \\u001b[31m  10.0.0.1:1  direct       0.0 requests/s  0.0 errors/s  p99 0.0 ms

            orders under way (2)
              engine 24000  create nc_app_x  75 s
              engine 24000  pull image x:1   9 s   [########............] 42 %

            nodes (3)
              one    this     1.2 \s
              two    present  1.2  linked, 3 streams
              three  silent   1.1  no link: it has no address

            certificates of tunnels (3)
              ca.crt      2055-01-01, 10588 days
              server.crt  2026-01-20, 15 days
              client.crt  2025-12-01, -35 days

            bans (1)
              banned  203.0.113.7  users  A 1x, NO_ROUTE 2x
            the key is weak
            """);
  }

  @Test
  void whatNeedsALookIsColouredOnATerminal() {
    show(true);

    assertThat(out.toString())
        .contains(
            "\u001b[31mnot ready\u001b[0m",
            "\u001b[31mtunnel away\u001b[0m",
            "\u001b[33m2026-01-20, 15 days\u001b[0m",
            "\u001b[31m2025-12-01, -35 days\u001b[0m",
            "\u001b[31mbanned\u001b[0m",
            "\\u001b[31m  10.0.0.1:1  direct");
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
