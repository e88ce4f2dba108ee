// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static io.github.harp.launcher.contract.Stage.KEY;
import static io.github.harp.launcher.contract.Stage.from;
import static io.github.harp.launcher.contract.Stage.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract 3.8 and 3.9: what reaches an ExApp, and what comes back. */
@ExtendWith(Stage.OnStage.class)
class ForwardingIT {

  private final Stage stage;

  ForwardingIT(Stage stage) {
    this.stage = stage;
  }

  @ParameterizedTest
  @CsvSource({
    "nobody, OmFwcC1zZWNyZXQ=",
    "alice, YWxpY2U6YXBwLXNlY3JldA==",
  })
  void theExAppLearnsWhoAsks(String user, String authorization) {
    var app = stage.newExApp(route(".*", 0));

    stage.get("/exapps/" + app + "/who-" + app, user.equals("nobody") ? "A: b" : session(user));

    var received = stage.exApp.requests("/who-" + app).get(0);
    assertThat(received.header("ex-app-id")).containsExactly(app);
    assertThat(received.header("ex-app-version")).containsExactly("1.2.3");
    assertThat(received.header("authorization-app-api")).containsExactly(authorization);
    assertThat(received.header("aa-version")).containsExactly("32");
  }

  @Test
  @DisplayName("W8: identity cannot be injected, and keys do not leave the house")
  void w8_identityCannotBeInjectedAndKeysStayInside() {
    var app = stage.newExApp(route(".*", 0));

    stage.get(
        "/exapps/" + app + "/inject-" + app,
        "EX-APP-ID: other",
        "EX-APP-VERSION: 0",
        "AUTHORIZATION-APP-API: Zm9yZ2VkOng=",
        "AUTHORIZATION_APP_API: Zm9yZ2VkOng=",
        "AA-VERSION: 1",
        "AA-VERSION: 2",
        "ex-app-host: evil",
        "ex-app-port: 1",
        "docker-engine-port: 24000");
    stage.get("/exapps/" + app + "/key-" + app, "harp-shared-key: guess");

    var received = stage.exApp.requests("/inject-" + app).get(0);
    assertThat(received.header("ex-app-id")).containsExactly(app);
    assertThat(received.header("ex-app-version")).containsExactly("1.2.3");
    assertThat(received.header("authorization-app-api")).containsExactly("OmFwcC1zZWNyZXQ=");
    assertThat(received.header("aa-version")).containsExactly("32");
    for (var name :
        List.of("authorization_app_api", "ex-app-host", "ex-app-port", "docker-engine-port")) {
      assertThat(received.header(name)).as(name).isEmpty();
    }
    assertThat(stage.exApp.requests("/key-" + app).get(0).header("harp-shared-key")).isEmpty();
  }

  @Test
  void aSignedRequestKeepsItsAuthorizationAndLosesTheKey() {
    var app = stage.newExApp();

    stage.get("/exapps/" + app + "/signed-" + app, stage.signed(app, KEY));

    var received = stage.exApp.requests("/signed-" + app).get(0);
    assertThat(received.header("authorization-app-api")).containsExactly("dXNlcjpzZWNyZXQ=");
    assertThat(received.header("aa-version")).containsExactly("32");
    assertThat(String.join("\n", received.head())).doesNotContain(KEY);
  }

  @Test
  void otherHeadersArriveAsTheyWereSent() {
    var app = stage.newExApp(route(".*", 0));

    stage.get(
        "/exapps/" + app + "/headers-" + app,
        "Cookie: a=1; b=2",
        "Authorization: Basic eDp5",
        "X-Forwarded-For: 203.0.113.9, 10.0.0.1",
        "X-Forwarded-Proto: https",
        "X-Twice: 1",
        "X-Twice: 2",
        "X-Latin: caf\u00e9",
        "TE: trailers",
        "Connection: X-Hop, close",
        "X-Hop: not for you");

    var received = stage.exApp.requests("/headers-" + app).get(0);
    assertThat(received.header("host")).containsExactly("cloud.example.com");
    assertThat(received.header("cookie")).containsExactly("a=1; b=2");
    assertThat(received.header("authorization")).containsExactly("Basic eDp5");
    assertThat(received.header("x-forwarded-for")).containsExactly("203.0.113.9, 10.0.0.1");
    assertThat(received.header("x-forwarded-proto")).containsExactly("https");
    assertThat(received.header("x-twice")).containsExactly("1", "2");
    assertThat(received.header("x-latin")).containsExactly("caf\u00e9");
    assertThat(received.header("x-hop")).isEmpty();
    assertThat(received.header("via")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a%2Fb/%c3%A9//c;d=e/?q=%2e%2e/&&x|/a%2Fb/%c3%A9//c;d=e/?q=%2e%2e/&&x",
        "|/",
        "?only=query|/?only=query",
        "/exapps/b|/exapps/b",
        "/a?|/a?",
        "/a%20b+c'(!*)|/a%20b+c'(!*)",
      })
  void pathAndQueryArriveByteForByte(String rest, String expected) {
    var app = stage.newExApp(route("", 0));
    var before = stage.exApp.requests().size();

    stage.get("/exapps/" + app + (rest == null ? "" : rest));

    var received = stage.exApp.requests().get(before);
    assertThat(received.header("ex-app-id")).containsExactly(app);
    assertThat(received.target()).isEqualTo(expected);
  }

  @Test
  void theHostOfAnAbsoluteTargetDoesNotMatter() {
    var app = stage.newExApp(route(".*", 0));

    assertThat(stage.get("http://elsewhere.example/exapps/" + app + "/absolute-" + app).status())
        .isEqualTo(200);
    assertThat(stage.exApp.requests("/absolute-" + app))
        .extracting(Received::target)
        .containsExactly("/absolute-" + app);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    var app = stage.newExApp(route(".*", 0));
    for (var name : List.of("/one-", "/two-", "/three-")) {
      stage.exApp.on(name + app, (request, in, out) -> out.write(RawServer.ok(name)));
    }

    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request("GET", "/exapps/" + app + "/one-" + app, List.of())
              + Wire.request("POST", "/exapps/" + app + "/two-" + app, List.of("Content-Length: 1"))
              + "x"
              + Wire.request("GET", "/exapps/" + app + "/three-" + app, List.of()));
      assertThat(List.of(wire.answer().text(), wire.answer().text(), wire.answer().text()))
          .containsExactly("/one-", "/two-", "/three-");
    }
  }

  @Test
  void anOldClientGetsAnAnswerThatItUnderstands() {
    var app = stage.newExApp(route(".*", 0));
    stage.exApp.on(
        "/old-" + app,
        (request, in, out) ->
            out.write(
                latin(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")));

    try (var wire = new Wire(stage.port)) {
      var answer =
          wire.send("GET /exapps/" + app + "/old-" + app + " HTTP/1.0\r\nHost: a\r\n\r\n").answer();
      assertThat(answer.header("transfer-encoding")).isEmpty();
      assertThat(answer.text()).isEqualTo("abcde");
    }
  }

  @Test
  void anExpectationIsAnsweredBeforeTheBodyIsSent() {
    var app = stage.newExApp(route(".*", 0));

    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request(
              "POST",
              "/exapps/" + app + "/expect-" + app,
              List.of("Expect: 100-continue", "Content-Length: 2")));
      assertThat(wire.read(25)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      assertThat(wire.send("ok").answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "GET", "PROPFIND"})
  void bodiesPassWithAnyMethod(String method) {
    var app = stage.newExApp(route(".*", 0));
    var target = "/exapps/" + app + "/body-" + app;

    try (var wire = new Wire(stage.port)) {
      wire.send(Wire.request(method, target, List.of("Content-Length: 5")) + "12345").answer();
      wire.send(
              Wire.request(method, target, List.of("Transfer-Encoding: chunked"))
                  + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
          .answer();
    }

    assertThat(stage.exApp.requests("/body-" + app))
        .extracting(Received::method, Received::text)
        .containsExactly(tuple(method, "12345"), tuple(method, "abcde"));
  }

  @Test
  void theAnswerComesBackUnchanged() {
    var app = stage.newExApp(route(".*", 0));
    stage.exApp.on(
        "/answer-" + app,
        (request, in, out) ->
            out.write(
                latin(
                    "HTTP/1.1 418 Short and stout\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                        + "Server: tea\r\nX-Latin: \u00fc\r\nContent-Length: 3\r\n\r\nhot")));

    var answer = stage.get("/exapps/" + app + "/answer-" + app);

    assertThat(answer.status()).isEqualTo(418);
    assertThat(answer.header("set-cookie")).containsExactly("a=1", "b=2");
    assertThat(answer.header("server")).containsExactly("tea");
    assertThat(answer.header("x-latin")).containsExactly("\u00fc");
    assertThat(answer.text()).isEqualTo("hot");
  }

  @Test
  @DisplayName("3.9: answers that a route lists count against the client")
  void listedStatusesCount() {
    var app = stage.newExApp(route("^/login", 0, 401), route(".*", 0));
    stage.exApp.on(
        "/login-" + app, (request, in, out) -> out.write(RawServer.json(401, "{\"no\": 1}")));
    stage.exApp.on("/other-" + app, (request, in, out) -> out.write(RawServer.json(401, "{}")));
    var client = stage.newClient();

    for (int i = 0; i <= Stage.BAN_COUNT; i++) {
      assertThat(stage.get("/exapps/" + app + "/other-" + app, from(client)).status())
          .isEqualTo(401);
    }
    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      assertThat(stage.get("/exapps/" + app + "/login-" + app, from(client)).text())
          .isEqualTo("{\"no\": 1}");
    }
    assertThat(stage.isDropped("/exapps/" + app + "/other-" + app, from(client))).isTrue();
  }

  @Test
  void anExAppThatIsDownIs503() {
    var app = stage.unknownExApp();
    stage.nextcloud.register(app, HarpProcess.freePort(), List.of(route(".*", 0)));

    var answer = stage.get("/exapps/" + app + "/x");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("content-type").get(0)).startsWith("text/html");
  }

  @Test
  void anAnswerThatIsNotHttpIs502() {
    var app = stage.newExApp(route(".*", 0));
    stage.exApp.on("/garbage-" + app, (request, in, out) -> out.write(latin("SSH-2.0-x\r\n\r\n")));

    assertThat(stage.get("/exapps/" + app + "/garbage-" + app).status()).isEqualTo(502);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
