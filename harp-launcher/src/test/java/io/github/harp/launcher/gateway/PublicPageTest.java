// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who comes to the status page over the public name of one of two Nextclouds, and what they see.
 */
@DisplayName("The status page at the public name")
class PublicPageTest {

  private static final String KEY_OF_ONE = "the-shared-key-of-one-0123456789";
  private static final String KEY_OF_TWO = "the-shared-key-of-two-0123456789";
  private static final String ONE = "one.example";
  private static final String TWO = "two.example";
  private static final String PAGE = "/exapps/app_api/harp/";
  private static final String NEXTCLOUD = "oc_sessionPassphrase=x; nc_session=";
  private static final String SESSION = "__Secure-harp-session=";

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, String> environment = new HashMap<>();
  @TempDir private Path folder;
  private Gateway gateway;

  /** What came back. */
  private record Answer(int status, MultiMap headers, String body) {

    JsonObject json() {
      return new JsonObject(body);
    }

    /** As a browser sends it back. */
    String cookie() {
      return String.valueOf(headers.get("set-cookie")).split(";")[0];
    }

    String token() {
      return json().getString("token");
    }
  }

  @BeforeEach
  void start() throws Exception {
    var exApp =
        get(
            vertx
                .createHttpServer()
                .requestHandler(request -> request.response().end("hello"))
                .listen(0, "127.0.0.1"));
    var one =
        new AppApiDouble(KEY_OF_ONE)
            .exApp(exApp("notes", exApp.actualPort()))
            .session("nc_session=root", new NcUser("root", AccessLevel.ADMIN))
            .session("nc_session=alice", new NcUser("alice", AccessLevel.USER));
    var two =
        new AppApiDouble(KEY_OF_TWO)
            .exApp(exApp("talk", exApp.actualPort()))
            .session("nc_session=boss", new NcUser("boss", AccessLevel.ADMIN));
    environment.putAll(TestSettings.in(folder));
    environment.putAll(
        Map.of(
            "HP_SHARED_KEY", KEY_OF_ONE,
            "NC_INSTANCE_URL", "http://127.0.0.1:" + serving(one),
            "HP_FRP_DISABLE_TLS", "true",
            "HP_ADMIN_ADDRESS", "off",
            "HP_ADMIN_PUBLIC", "true",
            "HP_TRUSTED_PROXY_IPS", "127.0.0.1"));
    environment.put(
        "HP_INSTANCES_FILE", TestSettings.withTwo(folder, serving(two), KEY_OF_TWO, ""));
    begin();
  }

  private void begin() throws Exception {
    gateway = get(TestSettings.start(environment, folder, vertx));
    ask(ONE, "GET", "/exapps/notes/open");
    ask(TWO, "GET", "/exapps/talk/open");
  }

  @AfterEach
  void stop() throws Exception {
    get(gateway.stop(Duration.ZERO));
    get(vertx.close());
  }

  // ---- whether it is there

  @Test
  void whereNobodyWantsItTheAddressIsAnOrdersAndNeedsTheKey() throws Exception {
    get(gateway.stop(Duration.ZERO));
    environment.remove("HP_ADMIN_PUBLIC");
    begin();

    assertThat(ask(ONE, "GET", PAGE).status()).isEqualTo(401);
  }

  @Test
  void itsFilesAreThereWithWhatBrowsersAreToKeepTo() throws Exception {
    for (var file : List.of("", "page.js", "page.css", "uplot.js", "uplot.css", "icon.svg")) {
      var answer = ask(ONE, "GET", PAGE + file);

      assertThat(answer.status()).as(file).isEqualTo(200);
      assertThat(answer.headers().get("content-security-policy"))
          .contains("default-src 'none'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(answer.headers().get("x-frame-options")).isEqualTo("DENY");
      assertThat(answer.headers().get("cache-control")).isEqualTo("no-store");
      assertThat(answer.headers().get("x-robots-tag")).isEqualTo("noindex");
    }
    var moved = ask(ONE, "GET", "/exapps/app_api/harp");
    assertThat(moved.status()).isEqualTo(308);
    assertThat(moved.headers().get("location")).isEqualTo("harp/");
  }

  @ParameterizedTest
  @CsvSource({
    "/exapps/app_api/%68arp/, 401",
    "/exapps/app_api/harper/, 401",
    "/exapps/app_api/harp/metrics, 404",
    "/exapps/app_api/harp/heartbeat, 404",
    "/exapps/app_api/harp/nothing, 404",
    "/exapps/harp/, 404",
  })
  void nothingElseIs(String path, int status) throws Exception {
    assertThat(ask(ONE, "GET", path).status()).isEqualTo(status);
  }

  @Test
  void atAHostThatIsNobodysThereIsNone() throws Exception {
    assertThat(ask("three.example", "GET", PAGE).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "events", "session", "routes", "doctor", "bans", "why?id=1"})
  void whoHasNotSignedInSeesNothing(String path) throws Exception {
    assertThat(ask(ONE, "GET", PAGE + path).status()).isEqualTo(401);
    assertThat(ask(ONE, "GET", PAGE + path, "harp-shared-key", KEY_OF_ONE).status())
        .as("keys of headers are for AppAPI")
        .isEqualTo(401);
    assertThat(ask(ONE, "GET", PAGE + path, "cookie", SESSION + "planted; harp-session=x").status())
        .isEqualTo(401);
  }

  // ---- by key

  @Test
  void theSessionIsForThisPathAndNoScript() throws Exception {
    var answer = signIn(ONE, "key=" + KEY_OF_ONE);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("set-cookie"))
        .startsWith(SESSION)
        .contains("Path=" + PAGE, "HTTPOnly", "Secure", "SameSite=Strict");
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE, TWO})
  void theOperatorSeesAllWhereverTheySignIn(String host) throws Exception {
    var status = status(host, signIn(host, "key=" + KEY_OF_ONE));

    assertThat(names(status.getJsonArray("exapps"))).containsExactly("notes");
    assertThat(status.getJsonArray("instances")).hasSize(1);
    assertThat(status.fieldNames()).contains("listeners", "warnings", "traffic");
  }

  @Test
  void theKeyOfAnotherNextcloudOpensItsOwnOnly() throws Exception {
    assertThat(signIn(ONE, "key=" + KEY_OF_TWO).status()).isEqualTo(401);

    var status = status(TWO, signIn(TWO, "key=" + KEY_OF_TWO));

    assertThat(names(status.getJsonArray("exapps"))).containsExactly("talk");
    assertThat(status.encode()).doesNotContain("notes", "listeners", "certificates", "one.example");
  }

  @Test
  void aSessionOfOneThatBeginsAnewIsOverSinceItMayBeAnotherOfTheSameName() throws Exception {
    var in = signIn(TWO, "key=" + KEY_OF_TWO);
    assertThat(inside(TWO, in, "GET", "status").status()).isEqualTo(200);
    var ofOne = signIn(ONE, "key=" + KEY_OF_ONE);

    var file = folder.resolve("instances.toml");
    var rotated = "a-new-key-of-two-0123456789";
    Files.writeString(file, Files.readString(file).replace(KEY_OF_TWO, rotated));
    get(gateway.reload(Configuration.from(environment, folder)));

    assertThat(inside(TWO, in, "GET", "status").status()).isEqualTo(401);
    assertThat(inside(ONE, ofOne, "GET", "status").status()).isEqualTo(200);
    assertThat(signIn(TWO, "key=" + rotated).status()).isEqualTo(200);
  }

  @Test
  void whoGuessesIsBannedAndOthersAreNot() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(signIn(ONE, "key=guess" + i, "x-forwarded-for", "203.0.113.7").status())
          .isEqualTo(401);
    }

    var again = new String[] {"x-forwarded-for", "203.0.113.7", "sec-fetch-mode", "navigate"};
    assertThat(signIn(ONE, "key=" + KEY_OF_ONE, again).status()).isEqualTo(429);
    assertThat(ask(ONE, "GET", PAGE, again).status()).isEqualTo(429);
    var in = signIn(ONE, "key=" + KEY_OF_ONE, "x-forwarded-for", "203.0.113.8");
    assertThat(in.status()).isEqualTo(200);
    assertThat(status(ONE, in).getJsonArray("bans").encode())
        .contains("203.0.113.7", "WRONG_KEY_FOR_ORDER", "\"list\":\"orders\"");
  }

  @Test
  void nobodySaysForTheGatewayWhoAsks() throws Exception {
    for (int i = 0; i < 10; i++) {
      signIn(
          ONE,
          "key=guess" + i,
          "x-forwarded-for",
          "203.0.113.7",
          "harp-page-client",
          "198.51.100." + i,
          "harp-page-nextcloud",
          "two");
    }
    var bans = status(ONE, signIn(ONE, "key=" + KEY_OF_ONE)).getJsonArray("bans").encode();
    assertThat(bans).contains("203.0.113.7").doesNotContain("198.51.100.");
  }

  // ---- by Nextcloud

  @Test
  void anAdministratorSeesWhatIsOfTheirNextcloud() throws Exception {
    record(TWO, "203.0.113.7");
    record(ONE, "203.0.113.9");
    var boss = administrator(TWO, "boss");

    var status = status(TWO, boss);

    assertThat(names(status.getJsonArray("exapps"))).containsExactly("talk");
    assertThat(status.encode())
        .contains("203.0.113.7", "users of two")
        .doesNotContain("notes", "203.0.113.9", "certificates", "listeners", "alarms", "warnings");
    assertThat(status.fieldNames())
        .containsExactlyInAnyOrder(
            "version",
            "since",
            "ready",
            "nextcloud",
            "engines",
            "clusters",
            "exapps",
            "traffic",
            "orders",
            "bans",
            "refused",
            "tunnels");
    assertThat(inside(TWO, boss, "GET", "routes?exapp=talk").json().encode()).contains("^/open");
    assertThat(inside(TWO, boss, "GET", "routes?exapp=notes&nextcloud=").status()).isEqualTo(404);
    assertThat(inside(TWO, boss, "GET", "doctor").status()).isEqualTo(403);
    assertThat(inside(TWO, boss, "GET", "why?url=http://two.example/exapps/talk/open").status())
        .isEqualTo(200);
    assertThat(inside(TWO, boss, "GET", "why?url=http://one.example/exapps/notes/open").body())
        .contains("another Nextcloud")
        .doesNotContain("ROUTE_ALLOWED");
  }

  @Test
  void anAdministratorLearnsNothingOfRequestsToAnotherNextcloud() throws Exception {
    var toOne = ask(ONE, "GET", "/exapps/notes/open").headers().get("x-request-id");
    var toTwo = ask(TWO, "GET", "/exapps/talk/open").headers().get("x-request-id");
    var boss = administrator(TWO, "boss");

    assertThat(inside(TWO, boss, "GET", "why?id=" + toTwo).body()).contains("/exapps/talk/open");
    assertThat(inside(TWO, boss, "GET", "why?id=" + toOne).json().getJsonArray("requests"))
        .isEmpty();
  }

  @Test
  void anAdministratorEndsBansOfTheirNextcloudOnly() throws Exception {
    record(TWO, "203.0.113.7");
    record(ONE, "203.0.113.7");
    var boss = administrator(TWO, "boss");

    assertThat(inside(TWO, boss, "DELETE", "bans").json().getInteger("cleared")).isEqualTo(1);

    assertThat(status(ONE, signIn(ONE, "key=" + KEY_OF_ONE)).getJsonArray("bans")).hasSize(1);
  }

  @Test
  void whoeverIsNoAdministratorThereIsNotLetIn() throws Exception {
    assertThat(administrator(ONE, "alice").status()).isEqualTo(403);
    assertThat(administrator(TWO, "root").status()).isEqualTo(403);
    assertThat(signIn(ONE, "as=administrator").status()).isEqualTo(403);
    for (int i = 0; i < 10; i++) {
      administrator(ONE, "alice");
    }
    assertThat(administrator(ONE, "alice").status()).isEqualTo(429);
  }

  @Test
  void whereNoExAppIsKnownNextcloudCannotBeAsked() throws Exception {
    get(gateway.stop(Duration.ZERO));
    gateway = get(TestSettings.start(environment, folder, vertx));

    var answer = administrator(ONE, "root");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("sign in with the shared key");
  }

  @Test
  void theAdministratorOfTheOnlyNextcloudSeesAll() throws Exception {
    get(gateway.stop(Duration.ZERO));
    environment.remove("HP_INSTANCES_FILE");
    begin();

    var root = administrator(ONE, "root");

    assertThat(status(ONE, root).fieldNames()).contains("listeners", "warnings");
    assertThat(inside(ONE, root, "GET", "doctor").json().getJsonArray("findings")).isNotEmpty();
  }

  // ---- attacks

  @ParameterizedTest
  @CsvSource({
    "origin, http://evil.example",
    "origin, null",
    "sec-fetch-site, cross-site",
    "sec-fetch-site, same-site",
    "sec-fetch-site, none"
  })
  void nobodyIsSignedInByAnotherWebsite(String header, String value) throws Exception {
    var answer = signIn(ONE, "key=" + KEY_OF_ONE, header, value);

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.headers().get("set-cookie")).isNull();
    assertThat(
            signIn(ONE, "as=administrator", "cookie", NEXTCLOUD + "root", header, value).status())
        .isEqualTo(403);
  }

  @Test
  void whatChangesSomethingNeedsTheTokenToo() throws Exception {
    record(ONE, "203.0.113.7");
    var in = signIn(ONE, "key=" + KEY_OF_ONE);

    assertThat(ask(ONE, "DELETE", PAGE + "bans", "cookie", in.cookie()).status()).isEqualTo(403);
    assertThat(ask(ONE, "POST", PAGE + "sign-out", "cookie", in.cookie()).status()).isEqualTo(403);
    assertThat(inside(ONE, in, "DELETE", "bans").status()).isEqualTo(200);
  }

  @Test
  void aSessionIsNewWithEachSignInAndEndsWithASignOut() throws Exception {
    var first = signIn(ONE, "key=" + KEY_OF_ONE, "cookie", SESSION + "planted");
    var second = signIn(ONE, "key=" + KEY_OF_ONE, "cookie", first.cookie());

    assertThat(List.of(first.cookie(), second.cookie()))
        .doesNotContain(SESSION + "planted")
        .doesNotHaveDuplicates();
    assertThat(inside(ONE, first, "GET", "status").status()).isEqualTo(401);
    assertThat(inside(ONE, second, "POST", "sign-out").status()).isEqualTo(200);
    assertThat(inside(ONE, second, "GET", "status").status()).isEqualTo(401);
  }

  @Test
  void aSignInIsSmall() throws Exception {
    assertThat(signIn(ONE, "key=" + "x".repeat(5_000)).status()).isEqualTo(413);
  }

  @Test
  void overHttp2ItIsTheSame() throws Exception {
    var in = send(HttpVersion.HTTP_2, ONE, "POST", PAGE + "sign-in", "key=" + KEY_OF_ONE);
    assertThat(in.status()).isEqualTo(200);
    assertThat(
            send(HttpVersion.HTTP_2, ONE, "GET", PAGE + "status", "", "cookie", in.cookie())
                .status())
        .isEqualTo(200);
    assertThat(
            send(
                    HttpVersion.HTTP_2,
                    ONE,
                    "POST",
                    PAGE + "sign-in",
                    "key=" + KEY_OF_ONE,
                    "origin",
                    "http://evil.example")
                .status())
        .isEqualTo(403);
    assertThat(
            send(HttpVersion.HTTP_2, ONE, "DELETE", PAGE + "bans", "", "cookie", in.cookie())
                .status())
        .isEqualTo(403);
  }

  // ---- what is asked

  private static ExApp exApp(String id, int port) {
    var routes = List.of(new ExAppRoute("^/open", AccessLevel.PUBLIC, Set.of()));
    var address = new ExAppAddress("127.0.0.1", port);
    return new ExApp(new AppId(id), "1.0.0", address, Secret.of("s"), RouteTable.of(routes));
  }

  private int serving(AppApiDouble nextcloud) throws Exception {
    return get(vertx.createHttpServer().requestHandler(nextcloud).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** A failure of this address counts. */
  private void record(String host, String client) throws Exception {
    var exApp = host.equals(ONE) ? "notes" : "talk";
    ask(host, "GET", "/exapps/" + exApp + "/closed", "x-forwarded-for", client);
  }

  private static List<String> names(JsonArray exApps) {
    return exApps.stream().map(it -> ((JsonObject) it).getString("id")).toList();
  }

  private Answer signIn(String host, String form, String... headers) throws Exception {
    return send(HttpVersion.HTTP_1_1, host, "POST", PAGE + "sign-in", form, headers);
  }

  private Answer administrator(String host, String user) throws Exception {
    return signIn(host, "as=administrator", "cookie", NEXTCLOUD + user);
  }

  private JsonObject status(String host, Answer in) throws Exception {
    return inside(host, in, "GET", "status").json();
  }

  private Answer inside(String host, Answer in, String method, String path) throws Exception {
    return ask(host, method, PAGE + path, "cookie", in.cookie(), "harp-csrf", in.token());
  }

  private Answer ask(String host, String method, String path, String... headers) throws Exception {
    return send(HttpVersion.HTTP_1_1, host, method, path, "", headers);
  }

  private Answer send(
      HttpVersion version, String host, String method, String path, String body, String... headers)
      throws Exception {
    var options = new HttpClientOptions().setProtocolVersion(version);
    options.setHttp2ClearTextUpgrade(false);
    var client = vertx.createHttpClient(options);
    var port = gateway.addresses().get(0).getPort();
    var request =
        new RequestOptions()
            .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
            .setHost(host)
            .setPort(80)
            .setMethod(HttpMethod.valueOf(method))
            .setURI(path);
    for (int i = 0; i < headers.length; i += 2) {
      request.putHeader(headers[i], headers[i + 1]);
    }
    return get(
        client
            .request(request)
            .compose(it -> it.send(Buffer.buffer(body)).compose(PublicPageTest::read))
            .eventually(client::close));
  }

  /** Begun with its head, on the event loop: later the body may be over, and never come. */
  private static Future<Answer> read(HttpClientResponse answer) {
    return answer
        .body()
        .map(text -> new Answer(answer.statusCode(), answer.headers(), text.toString()));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
