// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.proxy.question.QuestionLimits;
import io.github.harp.proxy.question.QuestionLimits.LongAnswers;
import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SelfSignedCertificate;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NextcloudClientTest {

  private static final int ANSWER_BYTES = 2000;
  private static final QuestionLimits SHORT_ANSWERS =
      new QuestionLimits(
          Duration.ofMinutes(1), Duration.ofMillis(500), 2, 1, ANSWER_BYTES, LongAnswers.FAIL);
  private static final QuestionLimits FEW_CALLS =
      new QuestionLimits(
          Duration.ofMinutes(1), Duration.ofMinutes(1), 2, 1, ANSWER_BYTES, LongAnswers.FAIL);
  private static final String META =
      """
      {"exapp_token": "s3cret", "exapp_version": "2.1.0", "host": "127.0.0.1", "port": 23004,
       "routes": [
         {"url": "^/public/.*", "access_level": 0, "bruteforce_protection": [401, "403"]},
         {"url": "^/api/.*", "access_level": "1"}],
       "verb": "a future member", "enabled": true}
      """;

  private Vertx vertx;
  private ScriptedNextcloud nextcloud;
  private NextcloudClient client;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    nextcloud = new ScriptedNextcloud(vertx);
    client = nextcloud.client(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  @Test
  void anExAppIsReadWithItsRoutes() throws Exception {
    nextcloud.answersJson(200, META);

    var exApp = get(client.exApp(new AppId("demo"))).orElseThrow();

    assertThat(exApp.id()).hasToString("demo");
    assertThat(exApp.version()).isEqualTo("2.1.0");
    assertThat(exApp.address().host()).isEqualTo("127.0.0.1");
    assertThat(exApp.address().port()).isEqualTo(23004);
    assertThat(exApp.token()).isEqualTo(Secret.of("s3cret"));
    assertThat(exApp.routes())
        .isEqualTo(
            RouteTable.of(
                List.of(
                    new ExAppRoute("^/public/.*", AccessLevel.PUBLIC, Set.of(401, 403)),
                    new ExAppRoute("^/api/.*", AccessLevel.USER, Set.of()))));
  }

  @Test
  void theQuestionCarriesTheKeyAndTheIdAsAsked() throws Exception {
    nextcloud.answersJson(200, META);

    get(client.exApp(new AppId("DeMo")));

    var asked = nextcloud.lastRequest();
    assertThat(asked.uri()).isEqualTo("/index.php/apps/app_api/harp/exapp-meta?appId=DeMo");
    assertThat(asked.getHeader("harp-shared-key")).isEqualTo("the-key");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404})
  void anUnknownExAppIsAnAnswer(int status) throws Exception {
    nextcloud.answersJson(status, "{\"message\": \"no\"}");

    assertThat(get(client.exApp(new AppId("demo")))).isEmpty();
  }

  @ParameterizedTest(name = "W22 status {0} is {1}")
  @CsvSource({"429, BUSY", "503, BUSY", "500, REFUSED", "502, REFUSED", "403, REFUSED"})
  void w22_troubleAtNextcloudIsNotAnUnknownExApp(int status, Code code) {
    nextcloud.answersJson(status, "{}");

    assertFails(client.exApp(new AppId("demo")), code, "" + status);
  }

  private void answersHtml(int status, String page) {
    nextcloud.answers(
        request ->
            request
                .response()
                .setStatusCode(status)
                .putHeader("content-type", "text/html; charset=UTF-8")
                .end(page));
  }

  @ParameterizedTest(name = "F7: {0} that is not AppAPI''s makes nobody unknown, and says {1}")
  @CsvSource({
    "400, trusted_domains",
    "401, firewall",
    "403, firewall",
    "404, AppAPI enabled",
    "405, AppAPI",
    "412, text/html",
    "451, firewall"
  })
  void f7_onlyAppApiSaysUnknown(int status, String hint) {
    var head = TestHead.of("GET", "/");

    answersHtml(status, "<html>Access through untrusted domain</html>");
    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, hint);
    assertFails(client.user(new AppId("demo"), head), Code.REFUSED, hint);
    assertFails(client.user(new AppId("demo"), head), Code.REFUSED, status + " with text/html");

    for (var json : List.of("", "{}", "[]", "{\"error\": \"blocked\"}", "{\"message\": ")) {
      nextcloud.answersJson(status, json);
      assertFails(client.exApp(new AppId("demo")), Code.REFUSED, status + " with application/json");
      assertFails(
          client.user(new AppId("demo"), head), Code.REFUSED, status + " with application/json");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Harp shared key is not valid", "wrong key"})
  @DisplayName("F7: our wrong key makes neither an ExApp nor a user unknown")
  void f7_aWrongKeyIsOurMistake(String message) {
    nextcloud.answersJson(401, "{\"message\": \"" + message + "\"}");

    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, "shared key");
    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")), Code.REFUSED, "shared key");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 405, 451})
  @DisplayName("F7: a gateway's refusal in JSON makes nobody unknown")
  void f7_aGatewayMaySpeakJson(int status) {
    nextcloud.answersJson(status, "{\"message\": \"Forbidden\"}");

    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, status + " with application/json");
    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")),
        Code.REFUSED,
        status + " with application/json");
  }

  @Test
  @DisplayName("F7: once the key was right, AppAPI's same answer means an unknown ExApp")
  void f7_onceTheKeyWasRightTheExAppIsUnknown() throws Exception {
    nextcloud.answersJson(200, META);
    get(client.exApp(new AppId("demo")));

    nextcloud.answersJson(401, "{\"message\": \"Harp shared key is not valid\"}");

    assertThat(get(client.exApp(new AppId("other")))).isEmpty();
    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")), Code.REFUSED, "shared key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "{\"exapp_token\": \"x\"",
        "{\"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1}",
        "{\"exapp_token\": null, \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1}",
        "{\"exapp_token\": \"x\", \"exapp_version\": 1, \"host\": \"h\", \"port\": 1}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": null}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": \"p\"}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1,"
            + " \"routes\": null}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1,"
            + " \"routes\": [{\"url\": \"/\", \"access_level\": 3}]}",
      })
  void anAnswerThatIsNotADescriptionIsAFailure(String json) {
    nextcloud.answersJson(200, json);

    assertFails(client.exApp(new AppId("demo")), Code.FAILED, "exapp-meta");
  }

  @Test
  void aPortMayBeWrittenAsAString() throws Exception {
    nextcloud.answersJson(200, META.replace("23004", "\"23004\""));

    assertThat(get(client.exApp(new AppId("demo"))).orElseThrow().address().port())
        .isEqualTo(23004);
  }

  @Test
  void anAnswerWithAnotherContentTypeIsAFailure() {
    nextcloud.answers(
        request -> request.response().putHeader("content-type", "text/html").end(META));

    assertFails(client.exApp(new AppId("demo")), Code.FAILED, "text/html");
  }

  @Test
  void secretsInABrokenAnswerAreNotRepeated() {
    nextcloud.answersJson(200, META.replace("\"s3cret\"", "s3cret"));

    assertThatThrownBy(() -> get(client.exApp(new AppId("demo"))))
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @CsvSource({"alice, 1, USER", "root, 2, ADMIN", "disabled, 0, PUBLIC"})
  void aUserHasAnIdAndALevel(String id, int level, AccessLevel expected) throws Exception {
    nextcloud.answersJson(200, "{\"user_id\": \"" + id + "\", \"access_level\": " + level + "}");

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .contains(new NcUser(id, expected));
  }

  /** Contract 4.2 and RFC 8259, section 8.1. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"user_id\": \"alice\", \"access_level\": \"1\"}",
        "\ufeff{\"user_id\": \"alice\", \"access_level\": 1}"
      })
  void aLevelWrittenAsAStringAndAByteOrderMarkAreNoObstacle(String json) throws Exception {
    nextcloud.answersJson(200, json);

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .contains(new NcUser("alice", AccessLevel.USER));
  }

  /** Fails closed, and is not the caller's mistake. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"user_id\": \"root:x\", \"access_level\": 1}",
        "{\"user_id\": \":\", \"access_level\": 0}",
        "{\"user_id\": \"alice\\n\", \"access_level\": 1}",
        "{\"user_id\": \"al\\u0000ice\", \"access_level\": 1}",
        "{\"user_id\": \"\", \"access_level\": 1}",
        "{\"access_level\": 2}",
        "{\"user_id\": \"alice\", \"access_level\": 3}",
        "{\"user_id\": null, \"access_level\": 0}",
        "{\"user_id\": \"alice\"}"
      })
  void aUserThatNextcloudCannotMeanIsAFailure(String json) {
    nextcloud.answersJson(200, json);

    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")), Code.FAILED, "user-info: answer");
  }

  @Test
  void aMissingUserIdIsAnAnonymousUser() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .contains(NcUser.ANONYMOUS);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404, 412})
  void aRefusalInNextcloudsOwnWordsMeansNoUser(int status) throws Exception {
    nextcloud.answersJson(status, "{\"message\": \"Login failed\"}");

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .isEqualTo(Optional.empty());
  }

  @ParameterizedTest(name = "W22 status {0} is {1}")
  @CsvSource({"429, BUSY", "503, BUSY", "500, REFUSED", "408, REFUSED"})
  void w22_aBusyNextcloudDoesNotMeanNoUser(int status, Code code) {
    nextcloud.answersJson(status, "{}");

    assertFails(client.user(new AppId("demo"), TestHead.of("GET", "/")), code, "" + status);
  }

  @Test
  @DisplayName(
      "F18, W12: Nextcloud gets what goes from end to end, and nothing of our own question")
  void f18_nextcloudGetsWhatGoesFromEndToEnd() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");
    var head =
        TestHead.of("POST", "/")
            .with("Cookie", "a=1")
            .with("Cookie", "oc_sessionPassphrase=p\u00e9")
            .with("Authorization", "Bearer first")
            .with("Authorization", "Bearer last")
            .with("User-Agent", "Firefox")
            .with("X-Forwarded-For", "10.0.0.1")
            .with("X-Forwarded-For", "10.0.0.2")
            .with("OCS-APIRequest", "true")
            .with("X-Authentik-Username", "alice")
            .with("Remote-User", "a copy")
            .with("Remote-User", "alice");

    get(client.user(new AppId("demo"), head));

    var sent = nextcloud.lastRequest().headers();
    assertThat(sent.names().stream().map(String::toLowerCase).sorted())
        .containsExactly(
            "accept",
            "authorization",
            "cookie",
            "harp-shared-key",
            "host",
            "ocs-apirequest",
            "remote-user",
            "user-agent",
            "x-authentik-username",
            "x-forwarded-for");
    assertThat(sent.getAll("cookie")).containsExactly("a=1; oc_sessionPassphrase=p\u00e9");
    assertThat(sent.getAll("authorization")).containsExactly("Bearer last");
    assertThat(sent.getAll("remote-user")).containsExactly("alice");
    assertThat(sent.getAll("x-forwarded-for")).containsExactly("10.0.0.1, 10.0.0.2");
    assertThat(sent.getAll("harp-shared-key")).containsExactly("the-key");
    assertThat(sent.get("host")).isEqualTo("127.0.0.1:" + nextcloud.port());
  }

  @ParameterizedTest
  @DisplayName("F18, W12: what is about a connection, a body or a part stays here")
  @ValueSource(
      strings = {
        "Host: evil",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        "Content-Length: 12",
        "Content-Type: text/plain",
        "Content-Encoding: gzip",
        "Content-Range: bytes 0-1/2",
        "Digest: x",
        "Transfer-Encoding: chunked",
        "Connection: upgrade",
        "Keep-Alive: 5",
        "Proxy-Connection: close",
        "Proxy-Authorization: Basic x",
        "TE: trailers",
        "Trailer: x",
        "Upgrade: websocket",
        "HTTP2-Settings: x",
        "Expect: 100-continue",
        "Sec-WebSocket-Key: abc",
        "Sec-WebSocket-Protocol: abc",
        "If-Match: x",
        "If-None-Match: x",
        "If-Modified-Since: x",
        "If-Unmodified-Since: x",
        "If-Range: x",
        "Range: bytes=0-1",
        "X-Nominated: 1",
        "harp-shared-key: forged",
        "HARP_SHARED_KEY: forged",
        "EX-APP-ID: demo",
        "AUTHORIZATION-APP-API: eA==",
        "AA-VERSION: 1",
      })
  void f18_theRestStaysHere(String line) throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");
    var parts = line.split(": ");

    get(
        client.user(
            new AppId("demo"),
            TestHead.of("POST", "/").with(parts[0], parts[1]).with("Connection", "X-Nominated")));

    assertThat(nextcloud.lastRequest().headers().entries())
        .noneMatch(it -> it.getKey().equalsIgnoreCase(parts[0]) && it.getValue().equals(parts[1]));
  }

  @Test
  @DisplayName("F18: nobody takes a session or an address away by naming it in Connection")
  void f18_whoAsksCannotBeNominated() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");

    get(
        client.user(
            new AppId("demo"),
            TestHead.of("GET", "/")
                .with("Connection", "close, Cookie, X-Forwarded-For, Authorization")
                .with("Cookie", "a=1")
                .with("X-Forwarded-For", "10.0.0.1")
                .with("Authorization", "Bearer x")));

    assertThat(nextcloud.lastRequest().headers().names().stream().map(String::toLowerCase))
        .contains("cookie", "x-forwarded-for", "authorization");
  }

  @Test
  void headersAreCopiedBeforeTheCallReturns() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");
    var head = TestHead.of("GET", "/").with("Cookie", "a=1");

    var user = client.user(new AppId("demo"), head);
    head.lines().clear();
    get(user);

    assertThat(nextcloud.lastRequest().getHeader("cookie")).isEqualTo("a=1");
  }

  @Test
  void cookiesOfNextcloudAreNeverSentAgain() throws Exception {
    nextcloud.answers(
        request ->
            request
                .response()
                .putHeader("set-cookie", "nc_session=of-somebody; Path=/")
                .putHeader("content-type", "application/json")
                .end("{\"access_level\": 0}"));

    get(client.user(new AppId("demo"), TestHead.of("GET", "/")));
    get(client.user(new AppId("demo"), TestHead.of("GET", "/")));

    assertThat(nextcloud.lastRequest().getHeader("cookie")).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void w13_aRedirectElsewhereIsAConfigurationErrorAndNobodyGetsTheKey(int status) throws Exception {
    var elsewhere = new ScriptedNextcloud(vertx);
    nextcloud.answers(
        request ->
            request
                .response()
                .setStatusCode(status)
                .putHeader("location", "http://127.0.0.1:" + elsewhere.port() + request.uri())
                .end());

    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, "NC_INSTANCE_URL");
    assertThat(elsewhere.requests()).isEmpty();
  }

  @Test
  void w13_aRedirectToTlsOnTheSameHostIsFollowedAndRemembered() throws Exception {
    var certificate = SelfSignedCertificate.create("localhost");
    var secure =
        new ScriptedNextcloud(
            vertx,
            new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    secure.answersJson(200, META);
    nextcloud.answers(
        request ->
            request
                .response()
                .setStatusCode(301)
                .putHeader("location", "https://localhost:" + secure.port() + request.uri())
                .end());
    var trusting =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("http://localhost:" + nextcloud.port()),
            SharedKey.of("the-key"),
            certificate.trustOptions());

    assertThat(get(trusting.exApp(new AppId("demo")))).isPresent();
    assertThat(get(trusting.exApp(new AppId("demo")))).isPresent();

    assertThat(nextcloud.requests()).hasSize(1);
    assertThat(secure.requests()).hasSize(2);
  }

  @Test
  void anUntrustedCertificateIsRefused() throws Exception {
    var certificate = SelfSignedCertificate.create("127.0.0.1");
    var secure =
        new ScriptedNextcloud(
            vertx,
            new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    var strict =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("https://127.0.0.1:" + secure.port()),
            SharedKey.of("the-key"),
            null);

    assertFails(strict.exApp(new AppId("demo")), Code.UNREACHABLE, "TLS");
    assertThat(secure.requests()).isEmpty();
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    var certificate = SelfSignedCertificate.create("other.example");
    var secure =
        new ScriptedNextcloud(
            vertx,
            new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    var trusting =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("https://127.0.0.1:" + secure.port()),
            SharedKey.of("the-key"),
            certificate.trustOptions());

    assertFails(trusting.exApp(new AppId("demo")), Code.UNREACHABLE, "TLS");
  }

  @Test
  void anAnswerThatDoesNotComeEndsTheCall() {
    nextcloud.answers(request -> {});

    assertFails(
        nextcloud.client(vertx, SHORT_ANSWERS).exApp(new AppId("demo")),
        Code.TIMED_OUT,
        "no complete answer");
  }

  @Test
  void anAnswerThatDripsEndsTheCallAndItsConnection() throws Exception {
    var closed = Promise.<Void>promise();
    nextcloud.answers(
        request -> {
          request.connection().closeHandler(closed::tryComplete);
          request.response().setChunked(true).putHeader("content-type", "application/json");
          vertx.setPeriodic(20, timer -> request.response().write(" "));
        });

    assertFails(
        nextcloud.client(vertx, SHORT_ANSWERS).exApp(new AppId("demo")),
        Code.TIMED_OUT,
        "no complete answer");
    get(closed.future());
  }

  @Test
  void anAnswerThatIsTooLargeEndsTheCall() {
    nextcloud.answersJson(200, "{\"x\": \"" + "x".repeat(2000) + "\"}");

    assertFails(
        nextcloud.client(vertx, FEW_CALLS).exApp(new AppId("demo")), Code.FAILED, "2000 bytes");
  }

  @Test
  void anAnswerWithoutEndEndsTheCallAtItsLimitAndItsConnectionSoonAfter() throws Exception {
    var closed = Promise.<Void>promise();
    nextcloud.answers(
        request -> {
          request.connection().closeHandler(closed::tryComplete);
          request.response().setChunked(true).putHeader("content-type", "application/json");
          vertx.setPeriodic(1, timer -> request.response().write("x".repeat(1000)));
        });

    assertFails(
        nextcloud.client(vertx, SHORT_ANSWERS).exApp(new AppId("demo")), Code.FAILED, "2000 bytes");
    get(closed.future());
  }

  @Test
  void moreCallsThanMayWaitAreRefusedAtOnce() {
    nextcloud.answers(request -> {});
    var small = nextcloud.client(vertx, FEW_CALLS);
    var calls = IntStream.range(0, 4).mapToObj(i -> small.exApp(new AppId("demo"))).toList();

    // Which of them comes last, only the event loops know.
    assertFails(Future.all(calls), Code.BUSY, "waiting");
  }

  @Test
  void nobodyListeningIsUnreachable() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }

    assertFails(clientOf(port).exApp(new AppId("demo")), Code.UNREACHABLE, "cannot connect");
  }

  @Test
  void aNameThatDoesNotResolveIsUnreachable() {
    var lost =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("http://nextcloud.invalid"),
            SharedKey.of("the-key"),
            null);

    assertFails(lost.exApp(new AppId("demo")), Code.UNREACHABLE, "does not resolve");
  }

  @Test
  void aConnectionThatDiedWhileIdleIsTriedOnceMore() throws Exception {
    var calls = new AtomicInteger();
    nextcloud.answers(
        request -> {
          if (calls.incrementAndGet() == 1) {
            request.connection().close();
          } else {
            request.response().putHeader("content-type", "application/json").end(META);
          }
        });

    assertThat(get(client.exApp(new AppId("demo")))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
            + "transfer-encoding: chunked\r\n\r\nzz\r\n",
      })
  void garbageIsAFailureAndNotAHang(String garbage) throws Exception {
    var server = garbage(garbage);

    assertFails(clientOf(server.actualPort()).exApp(new AppId("demo")), Code.FAILED, "exapp-meta");
  }

  @Test
  void aHugeHeadIsAFailure() throws Exception {
    var server = garbage("HTTP/1.1 200 OK\r\nx: " + "y".repeat(100_000) + "\r\n\r\n");

    assertFails(clientOf(server.actualPort()).exApp(new AppId("demo")), Code.FAILED, "exapp-meta");
  }

  @ParameterizedTest(name = "S1: an endless {1} is a failure that says {2}, and cut off")
  @CsvSource({
    "'HTTP/1.1 200 OK||', ' ', 1048576 bytes",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||', '1| |', 16384 pieces",
    "'', 'HTTP/1.1 100 Continue||', 16 interim answers",
    "'', 'HTTP/1.1 103 Early Hints||', 16 interim answers",
    "'HTTP/1.1 200 OK|', 'x: y|', not a valid HTTP answer",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||0|', 'x: y|', not a valid HTTP answer",
  })
  void s1_anAnswerWithoutEndIsCutOff(String start, String again, String reason) throws Exception {
    var closed = Promise.<Void>promise();
    var more = wire(again.repeat(1000));
    var server =
        serves(
            socket -> {
              socket.closeHandler(closed::tryComplete);
              socket.write(wire(start));
              pour(socket, more);
            });

    assertFails(clientOf(server.actualPort()).exApp(new AppId("demo")), Code.FAILED, reason);
    get(closed.future());
  }

  @Test
  @Timeout(60)
  @DisplayName("S1: no event loop that serves requests has a part in a question's answer")
  void s1_answersAreReadOnAnEventLoopOfTheirOwn() throws Exception {
    var host = Vertx.vertx();
    var busy = new CompletableFuture<Void>();
    try {
      nextcloud.answersJson(200, META);
      var asking =
          NextcloudClient.with(
              host,
              ScriptedNextcloud.names(vertx),
              nextcloud.address(),
              SharedKey.of("the-key"),
              null);
      ((VertxInternal) host).nettyEventLoopGroup().forEach(loop -> loop.execute(busy::join));

      assertThat(get(asking.exApp(new AppId("demo")))).isPresent();
    } finally {
      busy.complete(null);
      get(host.close());
    }
  }

  @Test
  @DisplayName("S1: all answers under way together keep no more than eight times the largest")
  void s1_answersUnderWayShareALimit() throws Exception {
    var big = "x".repeat(1_000_000);
    nextcloud.answers(request -> request.response().setChunked(true).write(big));
    var calls = IntStream.range(0, 9).mapToObj(i -> client.exApp(new AppId("demo" + i))).toList();

    assertFails(Future.all(calls), Code.FAILED, "8388608 bytes in all answers under way");
  }

  private static void pour(NetSocket socket, Buffer more) {
    socket.write(more).onSuccess(written -> pour(socket, more));
  }

  private static Buffer wire(String text) {
    return Buffer.buffer(text.replace("|", "\r\n"));
  }

  @Test
  void theKeyIsInNoMessage() {
    nextcloud.answers(request -> request.response().setStatusCode(500).end("the-key"));

    assertThatThrownBy(() -> get(client.exApp(new AppId("demo"))))
        .hasMessageNotContaining("the-key");
  }

  private NetServer garbage(String bytes) throws Exception {
    return serves(
        socket -> {
          socket.write(Buffer.buffer(bytes.getBytes(StandardCharsets.ISO_8859_1)));
          socket.end();
        });
  }

  private NetServer serves(Handler<NetSocket> answer) throws Exception {
    return get(
        vertx
            .createNetServer()
            .connectHandler(socket -> socket.handler(request -> answer.handle(socket)))
            .listen(0, "127.0.0.1"));
  }

  private NextcloudClient clientOf(int port) {
    return NextcloudClient.with(
        vertx,
        ScriptedNextcloud.names(vertx),
        NextcloudAddress.parse("http://127.0.0.1:" + port),
        SharedKey.of("the-key"),
        null);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  private static void assertFails(Future<?> future, Code code, String message) {
    assertThatThrownBy(() -> get(future))
        .isInstanceOfSatisfying(
            HarpException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(code);
              assertThat(failure).hasMessageContaining(message);
            });
  }
}
