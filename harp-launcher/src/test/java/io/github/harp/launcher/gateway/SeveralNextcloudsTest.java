// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * Both have an ExApp of the same id on the same port of the same engine, and a user with the same
 * cookie. What one of them shows is worth nothing to the other.
 */
@DisplayName("A gateway of two Nextclouds")
@TestInstance(Lifecycle.PER_CLASS)
class SeveralNextcloudsTest {

  private static final String KEY_OF_ONE = "the-shared-key-of-one-0123456789";
  private static final String KEY_OF_TWO = "the-shared-key-of-two-0123456789";
  private static final String COOKIE = "nc_session=alice; oc_sessionPassphrase=x";
  private static final int PORT = 23_000;
  private static final Map<String, String> NOTHING = Map.of();

  /** What the engine says of itself: each has a container there that sees a folder of the host. */
  private static final Map<String, String> TOLD =
      Map.of(
          "/version", "{\"Version\": \"28.0.0\", \"ApiVersion\": \"1.44\"}",
          "/info", "{}",
          "/networks", "[{\"Id\": \"n\", \"Name\": \"bridge\"}]",
          "/containers/json",
              "[{\"Id\": \"1\", \"Names\": [\"/nc_app_notes\"]},"
                  + " {\"Id\": \"2\", \"Names\": [\"/nc_two_app_notes\"]}]",
          "/containers/1/json", "{\"Mounts\": [{\"Source\": \"/srv/models\"}]}",
          "/containers/2/json", "{\"Mounts\": [{\"Source\": \"/srv/models\"}]}");

  private final Vertx vertx = Vertx.vertx();
  private final AppApiDouble one = new AppApiDouble(KEY_OF_ONE);
  private final AppApiDouble two = new AppApiDouble(KEY_OF_TWO);
  private final List<TunnelClient> clients = new ArrayList<>();
  private final List<String> atEngine = new CopyOnWriteArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private Path folder;
  private Gateway gateway;

  /** What came back. */
  private record Answer(int status, String body) {}

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    one.exApp(exApp("secret of one"))
        .session("nc_session=alice", new NcUser("alice", AccessLevel.USER));
    two.exApp(exApp("secret of two"));
    var engine = "24000=tcp://127.0.0.1:" + serving(this::answerAsEngine);
    environment.putAll(
        Map.of(
            "HP_SHARED_KEY", KEY_OF_ONE,
            "NC_INSTANCE_URL", "http://127.0.0.1:" + serving(one),
            "HP_EXAPPS_ADDRESS", "127.0.0.1:0",
            "HP_FRP_ADDRESS", "127.0.0.1:0",
            "HP_FRP_DISABLE_TLS", "true",
            "HP_ADMIN_ADDRESS", "127.0.0.1:0",
            "HP_CERTS_DIR", folder.toString(),
            "HP_DOCKER_ENGINES", engine,
            "HP_ALLOWED_MOUNTS", "/srv"));
    environment.put("HP_TRUSTED_PROXY_IPS", "127.0.0.1");
    environment.put(
        "HP_INSTANCES_FILE",
        Files.writeString(
                folder.resolve("instances.toml"),
                """
                hosts = ["one.example"]

                [[instance]]
                name = "two"
                url = "http://127.0.0.1:%d"
                key = "%s"
                hosts = ["two.example"]
                engines = "%s,24001=unix:///nowhere/docker.sock"
                """
                    .formatted(serving(two), KEY_OF_TWO, engine))
            .toString());
    gateway = started();
  }

  private Gateway started() throws Exception {
    var configuration = Configuration.from(environment, folder);
    return get(
        vertx
            .executeBlocking(() -> new Gateway(configuration, vertx), false)
            .compose(Gateway::start));
  }

  @AfterEach
  void hangUp() {
    clients.forEach(TunnelClient::close);
    clients.clear();
    atEngine.clear();
  }

  @AfterAll
  void stop() throws Exception {
    get(gateway.stop(Duration.ZERO));
    get(vertx.close());
  }

  @ParameterizedTest
  @CsvSource({
    "one.example, one",
    "two.example, two",
    "TWO.example:8780, two",
    "two.example., two",
  })
  void aHostHasItsOwnExApps(String host, String whose) throws Exception {
    dialIn(KEY_OF_ONE, "one");
    dialIn(KEY_OF_TWO, "two");

    assertThat(ask(host, "/exapps/notes/public", NOTHING)).isEqualTo(new Answer(200, whose));
  }

  @Test
  void aKeyOpensTheTunnelsOfItsOwnOnly() throws Exception {
    dialIn(KEY_OF_TWO, "two");

    assertThat(ask("one.example", "/exapps/notes/public", NOTHING).status())
        .as("nobody has dialled in for it")
        .isEqualTo(503);
    assertThat(ask("two.example", "/exapps/notes/public", NOTHING))
        .isEqualTo(new Answer(200, "two"));
  }

  @Test
  void aSessionOfOneIsNobodyToTheOther() throws Exception {
    dialIn(KEY_OF_ONE, "one");
    dialIn(KEY_OF_TWO, "two");
    var cookie = Map.of("cookie", COOKIE);

    assertThat(ask("one.example", "/exapps/notes/user", cookie).status()).isEqualTo(200);
    assertThat(ask("two.example", "/exapps/notes/user", cookie).status()).isEqualTo(403);
    assertThat(ask("one.example", "/exapps/notes/user", cookie).status()).isEqualTo(200);
  }

  @Test
  @DisplayName("a host that is nobody's is refused, whatever a trusted proxy says of another one")
  void aHostThatIsNobodysIsRefused() throws Exception {
    assertThat(ask("three.example", "/exapps/notes/public", NOTHING).status()).isEqualTo(421);
    assertThat(ask("127.0.0.1", "/exapps/notes/public", NOTHING).status()).isEqualTo(421);
    assertThat(
            ask(
                    "three.example",
                    "/exapps/notes/public",
                    Map.of("x-forwarded-host", "two.example", "forwarded", "host=two.example"))
                .status())
        .isEqualTo(421);
  }

  @Test
  void theHostOfTheRequestLineGoesBeforeHost() throws Exception {
    dialIn(KEY_OF_TWO, "two");

    try (var socket = new Socket("127.0.0.1", port())) {
      socket
          .getOutputStream()
          .write(
              """
              GET http://two.example/exapps/notes/public HTTP/1.1\r
              Host: one.example\r
              Connection: close\r
              \r
              """
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200")
          .endsWith("two");
    }
  }

  @Test
  void theAuthorityOfHttp2IsTheHost() throws Exception {
    dialIn(KEY_OF_TWO, "two");
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);

    assertThat(send(options, "two.example", HttpMethod.GET, "/exapps/notes/public", NOTHING, ""))
        .isEqualTo(new Answer(200, "two"));
    assertThat(
            send(options, "three.example", HttpMethod.GET, "/exapps/notes/public", NOTHING, "")
                .status())
        .isEqualTo(421);
  }

  @Test
  void aRecordThatOnePushesIsNotTheOthers() throws Exception {
    dialIn(KEY_OF_ONE, "one");
    assertThat(ask("one.example", "/exapps/notes/public", NOTHING).status()).isEqualTo(200);

    order(KEY_OF_TWO, "DELETE", "/exapp_storage/notes", "");
    assertThat(
            order(
                    KEY_OF_TWO,
                    "POST",
                    "/exapp_storage/more",
                    """
                    {"exapp_token": "s", "exapp_version": "1", "host": "127.0.0.1", "port": 23001,
                     "routes": [{"url": ".*", "access_level": 0, "bruteforce_protection": []}]}
                    """)
                .status())
        .isEqualTo(204);

    assertThat(ask("one.example", "/exapps/more/", NOTHING).status()).isEqualTo(404);
    assertThat(ask("one.example", "/exapps/notes/public", NOTHING))
        .isEqualTo(new Answer(200, "one"));
  }

  @Test
  void containersOnOneEngineAreNamedByWhoseTheyAre() throws Exception {
    assertThat(create(KEY_OF_ONE, "[]").status()).isEqualTo(201);
    assertThat(create(KEY_OF_TWO, "[]").body()).contains("nc_two_app_notes");

    assertThat(atEngine)
        .anyMatch(it -> it.startsWith("POST /containers/create?") && it.contains("=nc_app_notes"))
        .anyMatch(
            it -> it.startsWith("POST /containers/create?") && it.contains("=nc_two_app_notes"))
        .anyMatch(it -> it.contains("\"nc_two_app_notes_data\""))
        .noneMatch(it -> it.contains(KEY_OF_ONE));
  }

  @Test
  void foldersOfTheHostAreForTheOneOfTheVariablesOnly() throws Exception {
    var mount = "[{\"source\": \"/srv/models\", \"target\": \"/models\", \"mode\": \"ro\"}]";

    assertThat(create(KEY_OF_ONE, mount).status()).isEqualTo(201);
    assertThat(create(KEY_OF_TWO, mount).status()).isEqualTo(400);
  }

  @Test
  void callsToTheEngineAreAboutContainersOfTheirOwn() throws Exception {
    engineCall(KEY_OF_ONE, "/containers/nc_app_notes/json");
    engineCall(KEY_OF_TWO, "/containers/nc_app_notes/json");
    engineCall(KEY_OF_TWO, "/v1.44/containers/nc%5Fapp_notes/logs?tail=1");

    assertThat(atEngine)
        .containsExactly(
            "GET /containers/nc_app_notes/json ",
            "GET /containers/nc_two_app_notes/json ",
            "GET /v1.44/containers/nc_two_app_notes/logs?tail=1 ");
    assertThat(engineCall(KEY_OF_ONE, "/containers/nc_two_app_notes/json").status()).isEqualTo(403);
    assertThat(engineCall(KEY_OF_TWO, "/containers/nc_two_app_notes/json").status()).isEqualTo(403);
  }

  @Test
  void whoIsBannedByOneMayAskTheOther() throws Exception {
    var browser = Map.of("x-forwarded-for", "203.0.113.7", "sec-fetch-mode", "navigate");
    for (var i = 0; i < Bans.COUNT; i++) {
      ask("two.example", "/exapps/notes/no-route", browser);
    }

    assertThat(ask("two.example", "/exapps/notes/user", browser).status()).isEqualTo(429);
    assertThat(ask("one.example", "/exapps/notes/user", browser).status()).isEqualTo(403);
  }

  @Test
  void linesOfTheLogSayWhoseTheyAre() throws Exception {
    var logger = (Logger) LoggerFactory.getLogger(LogOutput.ACCESS);
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    logger.addAppender(lines);
    try {
      for (var host : List.of("one.example", "two.example", "three.example")) {
        ask(host, "/exapps/notes/user", NOTHING);
      }
      order(KEY_OF_TWO, "GET", "/docker/none", "");
      await().until(() -> lines.list.size() == 4);
    } finally {
      logger.detachAppender(lines);
    }

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(it -> it.contains(KEY_OF_TWO))
        .satisfiesExactlyInAnyOrder(
            ofOne -> assertThat(ofOne).doesNotContain("nextcloud=").contains("status=403"),
            ofTwo -> assertThat(ofTwo).contains(" nextcloud=two ", "/exapps/notes/user"),
            ofNobody -> assertThat(ofNobody).contains(" nextcloud=nobody ", "status=421"),
            order -> assertThat(order).contains(" nextcloud=two ", "/exapps/app_api/"));
  }

  @Test
  void onlyTheKeyOfTheVariablesShowsWhatRuns() throws Exception {
    for (var path : List.of("/status", "/bans", "/doctor")) {
      assertThat(admin(path, Map.of("harp-shared-key", KEY_OF_TWO)).status()).isEqualTo(401);
    }
  }

  @Test
  void whoLooksAfterItSeesBoth() throws Exception {
    ask("two.example", "/exapps/notes/user", NOTHING);
    var ofOne = Map.of("harp-shared-key", KEY_OF_ONE);

    var status = new JsonObject(admin("/status", ofOne).body());
    assertThat(status.getJsonArray("instances"))
        .singleElement(InstanceOfAssertFactories.type(JsonObject.class))
        .satisfies(
            two -> {
              assertThat(two.getString("name")).isEqualTo("two");
              assertThat(two.getJsonArray("engines")).hasSize(1);
              assertThat(two.getJsonArray("exapps")).isNotEmpty();
            });
    assertThat(status.encode()).doesNotContain(KEY_OF_TWO);
    assertThat(admin("/metrics", NOTHING).body())
        .contains("nextcloud=\"two\"", "harp_bans{list=\"users of two\"}");
    assertThat(admin("/doctor", ofOne).body())
        .contains("\"check\":\"nextcloud two\"", "\"check\":\"engines of two\"");
  }

  @Test
  void theDoctorJudgesTheEnginesOfEachAsOrdersTo() throws Exception {
    var findings =
        new JsonObject(admin("/doctor", Map.of("harp-shared-key", KEY_OF_ONE)).body())
            .getJsonArray("findings").stream()
                .map(JsonObject.class::cast)
                .map(it -> it.getString("check") + " " + it.getString("severity") + " " + it)
                .toList();

    assertThat(findings)
        .anyMatch(it -> it.startsWith("engines of two failure") && it.contains("engine 24001"))
        .anyMatch(
            it ->
                it.startsWith("nextcloud two failure")
                    && it.contains("set HP_INSTANCES_FILE instance two url"))
        .filteredOn(it -> it.contains("/srv/models"))
        .satisfiesExactly(
            ofOne ->
                assertThat(ofOne)
                    .startsWith("mounts ok")
                    .contains("nc_app_notes")
                    .doesNotContain("nc_two_app_notes"),
            ofTwo ->
                assertThat(ofTwo)
                    .startsWith("mounts warning")
                    .contains("nc_two_app_notes")
                    .doesNotContain("nc_app_notes", "HP_ALLOWED_MOUNTS="));
  }

  // ---- what is there

  private static ExApp exApp(String secret) {
    return new ExApp(
        new AppId("notes"),
        "1.0.0",
        new ExAppAddress("127.0.0.1", PORT),
        Secret.of(secret),
        RouteTable.of(
            List.of(
                new ExAppRoute(".*public", AccessLevel.PUBLIC, Set.of()),
                new ExAppRoute(".*user", AccessLevel.USER, Set.of()))));
  }

  private int serving(Handler<HttpServerRequest> handler) throws Exception {
    return get(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** An engine on which everything can be created, and nothing is there but for who lists it. */
  private void answerAsEngine(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              atEngine.add(request.method() + " " + request.uri() + " " + body);
              var path = request.path().replaceFirst("^/v[0-9.]+/", "/");
              var told = request.method().equals(HttpMethod.GET) ? TOLD.get(path) : null;
              if (told != null) {
                request.response().putHeader("content-type", "application/json").end(told);
                return;
              }
              var created = request.method().equals(HttpMethod.POST);
              request
                  .response()
                  .setStatusCode(created ? 201 : 404)
                  .putHeader("content-type", "application/json")
                  .end(created ? "{\"Id\": \"0123\", \"Name\": \"x\"}" : "{\"message\": \"none\"}");
            });
  }

  /** As the ExApp of one of them, which says whose it is. */
  private void dialIn(String key, String whose) throws Exception {
    var service = serving(request -> request.response().end(whose));
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .metas(Map.of("token", key))
                .proxies(TunnelProxy.of("notes", PORT, new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    clients.add(client);
    await().atMost(Duration.ofMinutes(1)).until(() -> client.status().isHealthy());
  }

  // ---- what is asked

  private int port() {
    return gateway.addresses().get(0).getPort();
  }

  private Answer ask(String host, String path, Map<String, String> headers) throws Exception {
    return send(new HttpClientOptions(), host, HttpMethod.GET, path, headers, "");
  }

  private Answer order(String key, String method, String path, String body) throws Exception {
    return send(
        new HttpClientOptions(),
        "harp.internal",
        HttpMethod.valueOf(method),
        "/exapps/app_api" + path,
        path.startsWith("/exapp_storage/")
            ? Map.of("harp-shared-key", key)
            : Map.of("harp-shared-key", key, "docker-engine-port", "24000"),
        body);
  }

  private Answer create(String key, String mounts) throws Exception {
    return order(
        key,
        "POST",
        "/docker/exapp/create",
        """
        {"name": "notes", "image_id": "nothing/notes:1", "environment_variables":
         ["APP_ID=notes", "APP_PORT=23000", "APP_SECRET=s", "HP_SHARED_KEY=%s"],
         "mount_points": %s}
        """
            .formatted(key, mounts));
  }

  private Answer engineCall(String key, String path) throws Exception {
    return order(key, "GET", path, "");
  }

  private Answer admin(String path, Map<String, String> headers) throws Exception {
    var options = new HttpClientOptions();
    return sendTo(gateway.adminPort(), options, "127.0.0.1", HttpMethod.GET, path, headers, "");
  }

  private Answer send(
      HttpClientOptions options,
      String host,
      HttpMethod method,
      String path,
      Map<String, String> headers,
      String body)
      throws Exception {
    return sendTo(port(), options, host, method, path, headers, body);
  }

  /** To the gateway, whatever host is asked for. */
  private Answer sendTo(
      int port,
      HttpClientOptions options,
      String host,
      HttpMethod method,
      String path,
      Map<String, String> headers,
      String body)
      throws Exception {
    var client = vertx.createHttpClient(options);
    var request =
        new RequestOptions()
            .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
            .setHost(host.replaceFirst(":.*", ""))
            .setPort(host.contains(":") ? Integer.parseInt(host.replaceFirst(".*:", "")) : 80)
            .setMethod(method)
            .setURI(path);
    headers.forEach(request::putHeader);
    return get(
        client
            .request(request)
            .compose(it -> it.send(Buffer.buffer(body)))
            .compose(it -> it.body().map(text -> new Answer(it.statusCode(), text.toString())))
            .eventually(client::close));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
