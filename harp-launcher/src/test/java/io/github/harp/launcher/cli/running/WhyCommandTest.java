// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import static io.github.harp.launcher.gateway.TestSettings.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.cli.HarpCommand;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks a gateway in this process why. */
class WhyCommandTest {

  private static final String PAGE = "https://cloud.example.com/exapps/llm2/api?x=1";

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer nextcloud;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    var exApp =
        new ExApp(
            new AppId("llm2"),
            "1.0",
            new ExAppAddress("127.0.0.1", 1),
            Secret.of("s3cr3t-of-llm2"),
            RouteTable.of(
                List.of(
                    new ExAppRoute("^/admin", AccessLevel.ADMIN, Set.of()),
                    new ExAppRoute("^/api", AccessLevel.USER, Set.of()))));
    nextcloud =
        done(
            vertx
                .createHttpServer()
                .requestHandler(new AppApiDouble(KEY).exApp(exApp))
                .listen(0, "127.0.0.1"));
    gateway = done(new Gateway(Configuration.from(environment(0), folder), vertx).start());
  }

  @AfterEach
  void stop() throws Exception {
    done(gateway.stop(Duration.ZERO));
    done(vertx.close());
  }

  @Test
  void saysStepByStepWhyAUserIsLetIn() {
    assertThat(run("why", "GET", PAGE, "--as", "alice", "--from", "203.0.113.7")).isZero();

    assertThat(out.toString().lines())
        .contains(
            "  client: 203.0.113.7",
            "  ban list 'users': not banned",
            "  route ^/api for USER: matches /api",
            "  user: alice, level USER",
            "  decision: forward, ROUTE_ALLOWED",
            "forward: a route of the ExApp allows it to this user",
            "  ex-app-id: llm2");
    assertThat(out.toString()).doesNotContain("s3cr3t-of-llm2", KEY);
  }

  @Test
  void saysWhyNot() {
    assertThat(run("why", "/exapps/llm2/admin", "--as", "alice")).isEqualTo(1);
    assertThat(run("why", "POST", "/exapps/llm2/admin", "--as", "admin")).isZero();

    assertThat(out.toString())
        .contains(
            "refuse with 403: the route is for users, or administrators, and this one is not");
  }

  @Test
  void explainsARequestOfThePast() throws Exception {
    var door = gateway.addresses().get(0).getPort();
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door + "/exapps/llm2/api"));
    var answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.discarding());
    var id = answer.headers().firstValue("x-request-id").orElseThrow();

    await()
        .untilAsserted(
            () -> {
              out.getBuffer().setLength(0);
              assertThat(run("why", "--id", id)).isZero();
              assertThat(out.toString()).startsWith(id + "  ");
            });
    assertThat(run("why", "--id", "-")).isZero();

    assertThat(out.toString())
        .contains("GET /exapps/llm2/api\n", "  reason: LEVEL_TOO_LOW\n", "  answer: 403 after ")
        .endsWith("no request of the last ones has an id that begins like this\n");
  }

  @Test
  void machinesGetJson() {
    assertThat(run("why", PAGE, "--json")).isEqualTo(1);

    assertThat(new JsonObject(out.toString()).getString("reason")).isEqualTo("LEVEL_TOO_LOW");
  }

  @Test
  void whatCannotBeMeantIsAnError() {
    assertThat(run("why")).isEqualTo(2);
    assertThat(run("why", PAGE, "--id", "4f")).isEqualTo(2);
    assertThat(run("why", "cloud.example.com")).isEqualTo(1);
    assertThat(run("why", PAGE, "--from", "nowhere")).isEqualTo(1);

    assertThat(err.toString())
        .contains("expected either what would be asked for, or an --id")
        .contains("harp: found 'cloud.example.com'; expected an address such as https://")
        .contains("harp: found 'nowhere' as where it comes from; expected an IP address");
  }

  private int run(String... arguments) {
    var shell =
        new Shell(
            environment(gateway.adminPort()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            OutputStream.nullOutputStream(),
            false);
    return HarpCommand.run(shell, arguments);
  }

  private Map<String, String> environment(int adminPort) {
    var environment = TestSettings.in(folder);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + nextcloud.actualPort());
    environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:" + adminPort);
    return environment;
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
