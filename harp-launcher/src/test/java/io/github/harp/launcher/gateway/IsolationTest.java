// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.ONE;
import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.TWO;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.util.introspection.PropertyOrFieldSupport.EXTRACTION;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.launcher.gateway.TwoNextclouds.Answer;
import io.github.harp.launcher.gateway.TwoNextclouds.Cloud;
import io.github.harp.launcher.logging.LogOutput;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Whatever one of them does with what is its own – its key, tokens, sessions, hosts – and with what
 * is known of the other, nothing of the other is asked, changed, shown or reached. What can be done
 * is taken from the gateway itself: what is new there has no row here, and fails.
 */
@DisplayName("Of two Nextclouds neither touches the other by")
@TestInstance(Lifecycle.PER_CLASS)
class IsolationTest {

  private static final int ENGINE_PORT = 24_007;

  private static final String NAMED = "{\"name\": \"notes\", \"instance_id\": \"%s\"}";
  private static final String CREATION =
      """
      {"name": "notes", "instance_id": "%1$s", "image_id": "nothing/notes:1", "image": "nothing/notes:1",
       "environment_variables": ["APP_ID=notes", "APP_PORT=23000", "APP_SECRET=s", "HP_SHARED_KEY=k"],
       "mount_points": []}
      """;

  /** What an order says; {@code %s} stands for how the other's objects could be meant. */
  private static final Map<String, String> ORDERS =
      Map.ofEntries(
          entry("GET /heartbeat", ""),
          entry("GET /info", ""),
          entry(
              "POST /exapp_storage/*",
              """
              {"exapp_token": "pushed", "exapp_version": "1", "host": "127.0.0.1", "port": 23000,
               "routes": [{"url": ".*", "access_level": 0, "bruteforce_protection": []}]}
              """),
          entry("DELETE /exapp_storage/*", ""),
          entry("POST /docker/exapp/exists", NAMED),
          entry("POST /docker/exapp/create", CREATION),
          entry("POST /docker/exapp/start", NAMED),
          entry("POST /docker/exapp/stop", NAMED),
          entry("POST /docker/exapp/wait_for_start", NAMED),
          entry(
              "POST /docker/exapp/remove",
              "{\"name\": \"notes\", \"instance_id\": \"%s\", \"remove_data\": true}"),
          entry("POST /docker/exapp/image_remove", "{\"image_ref\": \"nothing/notes:1\"}"),
          entry("POST /docker/exapp/install_certificates", NAMED),
          entry("POST /k8s/exapp/exists", NAMED),
          entry("POST /k8s/exapp/create", CREATION),
          entry("POST /k8s/exapp/start", NAMED),
          entry("POST /k8s/exapp/stop", NAMED),
          entry("POST /k8s/exapp/wait_for_start", NAMED),
          entry(
              "POST /k8s/exapp/remove",
              "{\"name\": \"notes\", \"instance_id\": \"%s\", \"remove_data\": true}"),
          entry("POST /k8s/exapp/install_certificates", NAMED),
          entry(
              "POST /k8s/exapp/expose",
              """
              {"name": "notes", "instance_id": "%s", "port": 23000, "expose_type": "manual",
               "upstream_host": "127.0.0.1"}
              """));

  /** A call that is passed to engines, by its rule. */
  private static final Map<String, String> ENGINE_CALLS =
      Map.of(
          "/_ping", "GET /_ping",
          "/images/{reference}/json", "GET /images/nothing/notes:1/json",
          "/containers/nc_app_{name}/json", "GET /containers/%snotes/json",
          "/containers/nc_app_{name}/logs", "GET /containers/%snotes/logs?tail=1",
          "/images/create", "POST /images/create?fromImage=nothing/notes&tag=1");

  /** What the operator's entrance shows: to whom it is open, and the operator is the first. */
  private static final Map<String, Integer> ADMIN =
      Map.ofEntries(
          entry("GET /", 200),
          entry("GET /icon.svg", 200),
          entry("GET /page.css", 200),
          entry("GET /page.js", 200),
          entry("GET /uplot.css", 200),
          entry("GET /uplot.js", 200),
          entry("GET /heartbeat", 200),
          entry("GET /ready", 200),
          entry("GET /metrics", 200),
          entry("GET /session", 401),
          entry("GET /events", 401),
          entry("GET /status", 401),
          entry("GET /doctor", 401),
          entry("GET /routes", 401),
          entry("GET /bans", 401),
          entry("DELETE /bans", 401),
          entry("DELETE /bans/:address", 401),
          entry("GET /why", 401),
          entry("POST /sign-in", 401),
          entry("POST /sign-out", 401));

  /** By what an instance id could lead to the other's names. */
  private static final List<String> MEANT = List.of("", "two", "two_app", "app", "..");

  /** Those of the address alone, which is the operator's. */
  private static final Set<String> OF_THE_PORT =
      Set.of("GET /heartbeat", "GET /ready", "GET /metrics");

  /** What is asked for there, about the first. */
  private static final Map<String, String> QUERIES =
      Map.of(
          "GET /why", "?url=http://one.example/exapps/notes/public",
          "GET /routes", "?nextcloud=&exapp=notes");

  private static final Pattern NAMES = Pattern.compile("nc[_-](?:app|[a-z0-9]+[_-]app)[_-]");

  private final ListAppender<ILoggingEvent> lines =
      new ListAppender<>() {
        {
          list = new CopyOnWriteArrayList<>();
        }
      };
  private TwoNextclouds clouds;
  private int callers;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    clouds = new TwoNextclouds(folder);
    for (var cloud : Cloud.values()) {
      dialIn(cloud);
    }
    lines.start();
    root().addAppender(lines);
  }

  @BeforeEach
  void settle() throws Exception {
    for (var cloud : Cloud.values()) {
      clouds.order(cloud, "DELETE", "/exapp_storage/notes", "");
      assertThat(clouds.ask(cloud.host(), "/exapps/notes/public", Map.of()))
          .isEqualTo(new Answer(200, cloud.toString()));
    }
    clouds.forget();
    await().pollInterval(Duration.ofMillis(5)).until(() -> accessLines().size() >= 4);
    lines.list.clear();
  }

  /** Whatever is done. */
  @AfterEach
  void noLineHasASecret() {
    for (var cloud : Cloud.values()) {
      assertThat(List.copyOf(lines.list))
          .extracting(ILoggingEvent::getFormattedMessage)
          .noneMatch(it -> it.contains(cloud.key()) || it.contains(cloud.secret()));
    }
  }

  @AfterAll
  void stop() throws Exception {
    root().detachAppender(lines);
    clouds.close();
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  // ---- orders

  static Stream<Arguments> orders() {
    return byEach(ORDERS);
  }

  private static Stream<Arguments> byEach(Map<String, ?> table) {
    return table.keySet().stream()
        .sorted()
        .flatMap(row -> Stream.of(Cloud.values()).map(by -> Arguments.of(row, by)));
  }

  @Test
  @DisplayName("an order that has no row here")
  void allOrders() {
    for (var cloud : Cloud.values()) {
      Map<String, Map<String, ?>> routes = inside(served(cloud).orders(), "routes.orders");
      assertThat(
              routes.entrySet().stream()
                  .flatMap(of -> of.getValue().keySet().stream().map(it -> it + " " + of.getKey())))
          .filteredOn(order -> !order.startsWith("HEAD "))
          .containsExactlyInAnyOrderElementsOf(ORDERS.keySet());
    }
  }

  @ParameterizedTest(name = "{0}, an order of {1}")
  @MethodSource("orders")
  void anOrder(String order, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    for (var meant : MEANT) {
      order(order, meant, other.host(), keyed(by.key(), lures(other)));
    }

    assertThat(accessLines(MEANT.size())).allMatch(line -> isOf(by, line));
    assertUntouched(other, before);
  }

  @ParameterizedTest(name = "{0}, an order by whoever has a session of {1}")
  @MethodSource("orders")
  void anOrderOfAUser(String order, Cloud of) throws Exception {
    var before = List.of(shown(ONE), shown(TWO));

    assertThat(order(order, "", of.host(), lures(of)).status()).isBetween(401, 403);
    assertThat(List.of(shown(ONE), shown(TWO))).isEqualTo(before);
    assertThat(clouds.atEngine).isEmpty();
    assertThat(clouds.atCluster).isEmpty();
    assertThat(clouds.atNextcloud).allSatisfy((cloud, asked) -> assertThat(asked).isEmpty());
    assertThat(accessLines(1)).allMatch(line -> isOf(of, line));
    clouds.admin("DELETE", "/bans", keyed(ONE.key(), Map.of()));
  }

  private Answer order(String order, String meant, String host, Map<String, String> headers)
      throws Exception {
    var parts = order.split(" ");
    var all = new HashMap<>(headers);
    if (parts[1].startsWith("/docker/")) {
      all.put("docker-engine-port", TwoNextclouds.ENGINE);
    }
    return clouds.send(
        new HttpClientOptions(),
        host,
        HttpMethod.valueOf(parts[0]),
        "/exapps/app_api" + parts[1].replace("*", "notes"),
        all,
        ORDERS.get(order).formatted(meant));
  }

  // ---- calls to engines

  static Stream<Arguments> engineCalls() {
    return byEach(ENGINE_CALLS);
  }

  @Test
  @DisplayName("a call to an engine that has no row here")
  void allEngineCalls() throws Exception {
    engineCall(ONE, "GET /no/such/call", TwoNextclouds.ENGINE, Map.of());

    var allowed = accessLines(1).get(0).replaceFirst(".*allowed are ", "");
    assertThat(allowed.split(", ")).containsExactlyInAnyOrderElementsOf(ENGINE_CALLS.keySet());
  }

  @ParameterizedTest(name = "{0}, a call of {1} to an engine")
  @MethodSource("engineCalls")
  void aCallToAnEngine(String rule, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    for (var prefix : List.of("nc_app_", "nc_two_app_", "nc_one_app_", "nc_two_app_app_")) {
      for (var engine : List.of(TwoNextclouds.ENGINE, String.valueOf(ENGINE_PORT))) {
        engineCall(by, ENGINE_CALLS.get(rule).formatted(prefix), engine, lures(other));
      }
    }

    assertThat(clouds.atEngine).as("on the shared engine").isNotEmpty();
    assertThat(clouds.atExApp.get(by)).as("on the engine that has dialled in").isNotEmpty();
    assertThat(clouds.atExApp.get(by)).allMatch(call -> areOf(by, call));
    assertThat(accessLines(8)).allMatch(line -> isOf(by, line));
    assertUntouched(other, before);
  }

  private void engineCall(Cloud by, String call, String engine, Map<String, String> headers)
      throws Exception {
    var parts = call.split(" ");
    var all = keyed(by.key(), headers);
    all.put("docker-engine-port", engine);
    clouds.send(
        new HttpClientOptions(),
        by.other().host(),
        HttpMethod.valueOf(parts[0]),
        "/exapps/app_api" + parts[1],
        all,
        "");
  }

  // ---- requests

  /** How a request comes. */
  enum Transport {
    HTTP_1,
    HTTP_2,
    WEBSOCKET
  }

  static Stream<Arguments> requests() {
    return Stream.of(Transport.values())
        .flatMap(
            transport ->
                Stream.of(AccessLevel.values())
                    .flatMap(
                        level ->
                            Stream.of(Cloud.values())
                                .map(by -> Arguments.of(transport, level, by))));
  }

  @ParameterizedTest(name = "a request by {0} for a route for {1} with a session of {2}")
  @MethodSource("requests")
  void aRequest(Transport transport, AccessLevel level, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(by);
    var path = "/exapps/notes/" + TwoNextclouds.path(level);

    assertThat(ask(transport, other.host(), path, lures(by)))
        .isEqualTo(level == AccessLevel.PUBLIC ? "200 " + other : "403");
    assertThat(accessLines(1)).allMatch(line -> isOf(other, line));
    assertThat(clouds.atExApp.get(other))
        .hasSize(level == AccessLevel.PUBLIC ? 1 : 0)
        .allMatch(it -> it.contains(as("", other)));
    assertUntouched(by, before);

    assertThat(ask(transport, by.host(), path, lures(by))).isEqualTo("200 " + by);
  }

  @ParameterizedTest(name = "a request by {0} for a route for {1} that {2} has signed")
  @MethodSource("requests")
  void aSignedRequest(Transport transport, AccessLevel level, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    var headers = keyed(by.key(), lures(other));
    headers.putAll(
        Map.of(
            "ex-app-id", "notes",
            "ex-app-version", "1.0.0",
            "ex-app-host", "127.0.0.1",
            "ex-app-port", String.valueOf(TwoNextclouds.PORT),
            "authorization-app-api", base64("root:" + by.secret())));

    assertThat(ask(transport, other.host(), "/exapps/notes/" + TwoNextclouds.path(level), headers))
        .isEqualTo("200 " + by);
    assertThat(accessLines(1)).allMatch(line -> isOf(by, line));
    assertUntouched(other, before);
  }

  private static String as(String user, Cloud cloud) {
    return base64(user + ":" + cloud.secret());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The status, and the name that the ExApp says if it is asked. */
  private String ask(Transport transport, String host, String path, Map<String, String> headers)
      throws Exception {
    var options = new HttpClientOptions();
    if (transport == Transport.WEBSOCKET) {
      return connect(host, path, headers);
    }
    if (transport == Transport.HTTP_2) {
      options.setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false);
    }
    var answer = clouds.send(options, host, HttpMethod.GET, path, headers, "");
    return answer.status() == 200 ? "200 " + answer.body() : String.valueOf(answer.status());
  }

  private String connect(String host, String path, Map<String, String> headers) throws Exception {
    var client = clouds.vertx.createWebSocketClient();
    try {
      return TwoNextclouds.get(
          client
              .connect(
                  TwoNextclouds.asking(
                          new WebSocketConnectOptions(),
                          clouds.port(),
                          "127.0.0.1:" + clouds.port(),
                          path,
                          headers)
                      .putHeader("host", host))
              .compose(
                  socket -> {
                    var said = Promise.<String>promise();
                    socket.textMessageHandler(text -> said.tryComplete("200 " + text));
                    return said.future().eventually(socket::close);
                  })
              .recover(
                  failure ->
                      failure instanceof UpgradeRejectedException refused
                          ? Future.succeededFuture(String.valueOf(refused.getStatus()))
                          : Future.failedFuture(failure)));
    } finally {
      TwoNextclouds.get(client.close());
    }
  }

  // ---- tunnels

  /** What a client shows at its login. */
  enum Credential {
    KEY {
      @Override
      String of(Cloud cloud) {
        return cloud.key();
      }
    },
    TOKEN {
      @Override
      String of(Cloud cloud) {
        return new HmacTunnelTokens(SharedKey.of(cloud.key()))
            .mint(Deployment.of(new AppId("notes"), Secret.of(cloud.secret())), TwoNextclouds.PORT);
      }
    };

    abstract String of(Cloud cloud);
  }

  static Stream<Arguments> tunnels() {
    return Stream.of(Cloud.values())
        .flatMap(
            by ->
                Stream.of(
                    Arguments.of(Credential.KEY, TwoNextclouds.PORT, by),
                    Arguments.of(Credential.TOKEN, TwoNextclouds.PORT, by),
                    Arguments.of(Credential.KEY, ENGINE_PORT, by)));
  }

  @ParameterizedTest(name = "a tunnel with a {0} on port {1}, of {2}")
  @MethodSource("tunnels")
  void aTunnel(Credential credential, int port, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    clouds.hangUp(by);
    await().until(() -> shown(by).get(2).equals(List.of()));
    try {
      assertThat(clouds.ask(by.host(), "/exapps/notes/public", Map.of()).status())
          .as("not through the other's")
          .isEqualTo(503);
      clouds.dialIn(by, credential.of(by), port);

      assertUntouched(other, before);
    } finally {
      clouds.hangUp(by);
      dialIn(by);
    }
  }

  private void dialIn(Cloud cloud) throws Exception {
    clouds.dialIn(cloud);
    clouds.dialIn(cloud, cloud.key(), ENGINE_PORT);
  }

  // ---- the operator's entrance

  @Test
  @DisplayName("a call of the operator that has no row here")
  void allOfTheOperator() {
    assertThat(routes(clouds.gateway(), "admin.endpoint.server"))
        .containsExactlyInAnyOrderElementsOf(ADMIN.keySet());
  }

  private static List<String> routes(Object of, String server) {
    HttpServer at = inside(of, server);
    return ((Router) at.requestHandler())
        .getRoutes().stream()
            .filter(route -> route.getPath() != null)
            .flatMap(route -> route.methods().stream().map(it -> it + " " + route.getPath()))
            .toList();
  }

  static Stream<String> operators() {
    return ADMIN.keySet().stream().sorted();
  }

  @ParameterizedTest(name = "{0}, a call of the operator")
  @MethodSource("operators")
  void aCallOfTheOperator(String call) throws Exception {
    var parts = call.split(" ");
    var before = List.of(shown(ONE), shown(TWO));
    var headers = keyed(TWO.key(), lures(ONE));
    var path = parts[1].replace(":address", "203.0.113.9");

    // So many wrong keys would be too many of one address.
    var answer =
        clouds.admin(
            new HttpClientOptions().setLocalAddress("127.0.1." + ++callers),
            parts[0],
            path,
            headers);

    assertThat(answer.status()).isEqualTo(ADMIN.get(call));
    assertThat(answer.body())
        .doesNotContain(ONE.host(), TWO.host(), ONE.key(), TWO.key(), ONE.secret(), TWO.secret());
    assertThat(List.of(shown(ONE), shown(TWO))).isEqualTo(before);
  }

  // ---- the page at the public name

  static Stream<String> pages() {
    return ADMIN.keySet().stream().filter(call -> !OF_THE_PORT.contains(call)).sorted();
  }

  @Test
  @DisplayName("a call of an administrator that has no row here")
  void allOfAdministrators() {
    Optional<?> page = inside(clouds.gateway(), "admin.page");
    assertThat(routes(page.orElseThrow(), "server"))
        .containsExactlyInAnyOrderElementsOf(pages().toList());
  }

  /** Of the second: the first is the operator's, who sees all. */
  @ParameterizedTest(name = "{0}, a call of an administrator")
  @MethodSource("pages")
  void aCallOfAnAdministrator(String call) throws Exception {
    var banned = Map.of("x-forwarded-for", "203.0.113.77", "sec-fetch-mode", "navigate");
    for (var i = 0; i < Bans.COUNT; i++) {
      clouds.ask(ONE.host(), "/exapps/notes/no-route", banned);
    }
    var before = shown(ONE);
    for (var sessionAt : Cloud.values()) {
      var said = callAsTwo(call, sessionAt);
      assertThat(said)
          .doesNotContain(ONE.host(), ONE.key(), TWO.key(), ONE.secret(), TWO.secret())
          .doesNotContain("203.0.113.77", ":" + clouds.nextcloudPort(ONE));
    }
    assertThat(shown(ONE)).isEqualTo(before);
    assertThat(before.get(3)).asString().contains("users 203.0.113.77");
  }

  /** What the second is told with a session that was begun at its own host, and with its key. */
  private String callAsTwo(String call, Cloud at) throws Exception {
    var from = Map.of("x-forwarded-for", "198.51.100." + ++callers);
    var session = new HashMap<>(from);
    session.putAll(signedIn(from));
    return callPage(call, at, session) + callPage(call, at, keyed(TWO.key(), from));
  }

  private String callPage(String call, Cloud at, Map<String, String> headers) throws Exception {
    var parts = call.split(" ");
    var path = parts[1].replace(":address", "203.0.113.77") + QUERIES.getOrDefault(call, "");
    return page(at, parts[0], path, headers, call.endsWith("/events") ? this::begun : this::whole);
  }

  private Map<String, String> signedIn(Map<String, String> from) throws Exception {
    return page(
        TWO,
        "POST",
        "/sign-in",
        from,
        answer ->
            whole(answer)
                .map(
                    body ->
                        Map.of(
                            "cookie",
                            answer.getHeader("set-cookie").split(";")[0],
                            "harp-csrf",
                            new JsonObject(body).getString("token"))));
  }

  private <T> T page(
      Cloud at,
      String method,
      String path,
      Map<String, String> headers,
      Function<HttpClientResponse, Future<T>> read)
      throws Exception {
    var client = clouds.vertx.createHttpClient();
    var request = new RequestOptions().setMethod(HttpMethod.valueOf(method));
    TwoNextclouds.asking(request, clouds.port(), at.host(), "/exapps/app_api/harp" + path, headers);
    return TwoNextclouds.get(
        client
            .request(request)
            .compose(it -> it.send("key=" + TWO.key()).compose(read))
            .eventually(client::close));
  }

  private Future<String> whole(HttpClientResponse answer) {
    return answer.body().map(Buffer::toString);
  }

  /** Up to the first event of an answer that does not end. */
  private Future<String> begun(HttpClientResponse answer) {
    if (answer.statusCode() != 200) {
      return whole(answer);
    }
    var said = Buffer.buffer();
    var event = Promise.<String>promise();
    answer.handler(
        part -> {
          said.appendBuffer(part);
          if (said.toString().contains("\ndata:") && said.toString().endsWith("\n\n")) {
            event.tryComplete(said.toString());
          }
        });
    return event.future();
  }

  // ---- what is seen

  /** All that can be made look like another one's, by whoever has a key or not. */
  private static Map<String, String> lures(Cloud of) {
    return Map.of(
        "cookie", of.cookie(),
        "x-forwarded-host", of.host(),
        "forwarded", "host=" + of.host(),
        "x-original-host", of.host());
  }

  private static Map<String, String> keyed(String key, Map<String, String> headers) {
    var all = new HashMap<>(headers);
    all.put("harp-shared-key", key);
    return all;
  }

  private ServedNextcloud served(Cloud cloud) {
    Nextclouds nextclouds = inside(clouds.gateway(), "nextclouds");
    return nextclouds.all().get(cloud.ordinal());
  }

  @SuppressWarnings("unchecked")
  private static <T> T inside(Object object, String path) {
    return (T) EXTRACTION.getValueOf(path, object);
  }

  /** What the operator sees of one of them, but for what passes by. */
  private List<Object> shown(Cloud cloud) throws Exception {
    var status = clouds.status();
    var own = cloud == ONE ? status : status.getJsonArray("instances").getJsonObject(0);
    var tunnels =
        status.getJsonObject("tunnels").getJsonArray("sessions").stream()
            .map(JsonObject.class::cast)
            .filter(it -> it.getString("identity").endsWith(" of two") == (cloud == TWO))
            .map(it -> it.getString("identity") + it.getJsonArray("proxies"))
            .toList();
    var bans =
        status.getJsonArray("bans").stream()
            .map(JsonObject.class::cast)
            .map(it -> it.getString("list") + " " + it.getString("address"))
            .filter(it -> !it.startsWith("orders ") && !it.startsWith("tunnels "))
            .filter(it -> it.contains(" of two ") == (cloud == TWO))
            .toList();
    return List.of(own.getJsonArray("engines"), own.getJsonArray("exapps"), tunnels, bans);
  }

  /** Nothing of it was asked, changed or reached, and it works as before. */
  private void assertUntouched(Cloud cloud, List<Object> before) throws Exception {
    assertThat(clouds.atNextcloud.get(cloud)).isEmpty();
    assertThat(clouds.atEngine).allMatch(call -> areOf(cloud.other(), call));
    assertThat(clouds.atCluster).allMatch(call -> areOf(cloud.other(), call));
    assertThat(clouds.atExApp.get(cloud)).isEmpty();
    assertThat(clouds.atExApp.get(cloud.other()))
        .noneMatch(it -> it.contains(cloud.secret()) || it.contains(as("root", cloud)));
    assertThat(shown(cloud)).isEqualTo(before);
    assertThat(clouds.ask(cloud.host(), "/exapps/notes/public", Map.of()))
        .isEqualTo(new Answer(200, cloud.toString()));
  }

  /** So many requests have ended since the test began. */
  private List<String> accessLines(int number) {
    await().pollInterval(Duration.ofMillis(5)).until(() -> accessLines().size() >= number);
    assertThat(accessLines()).hasSize(number);
    return accessLines();
  }

  private List<String> accessLines() {
    return List.copyOf(lines.list).stream()
        .filter(line -> line.getLoggerName().equals(LogOutput.ACCESS))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** Whether all names of containers, volumes and objects in a call are this one's. */
  private static boolean areOf(Cloud cloud, String call) {
    return NAMES
        .matcher(call)
        .results()
        .map(found -> found.group().replace('-', '_'))
        .allMatch(cloud.containers::equals);
  }

  private static boolean isOf(Cloud cloud, String line) {
    return line.contains(" nextcloud=two ") == (cloud == TWO)
        && !line.contains(" nextcloud=nobody ");
  }
}
