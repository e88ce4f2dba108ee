// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static io.github.harp.launcher.contract.Stage.KEY;
import static io.github.harp.launcher.contract.Stage.from;
import static io.github.harp.launcher.contract.Stage.session;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract 3.3 to 3.7: the decision table, row by row, from outside. */
@ExtendWith(Stage.OnStage.class)
class DecisionIT {

  private final Stage stage;

  DecisionIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  @DisplayName("Row 1: a banned client is dropped, others are not")
  void aBannedClientIsDropped() {
    var app = stage.newExApp(route(".*", 0));
    var banned = stage.newClient();
    ban(banned);

    assertThat(stage.isDropped("/exapps/" + app + "/x", from(banned))).isTrue();
    assertThat(stage.get("/exapps/" + app + "/x", from(stage.newClient())).status()).isEqualTo(200);
  }

  @Test
  @DisplayName("W4: a ban does not touch who shows the key")
  void w4_aBanDoesNotTouchWhoShowsTheKey() {
    var app = stage.newExApp();
    var banned = stage.newClient();
    ban(banned);

    assertThat(stage.order("GET", "/info", "", from(banned)).status()).isEqualTo(200);
    assertThat(stage.get("/exapps/" + app + "/x", with(stage.signed(app, KEY), from(banned))))
        .extracting(Answer::status)
        .isEqualTo(200);
  }

  @Test
  @DisplayName("W3: the address that a client claims for itself does not count")
  void w3_aClientCannotChooseItsAddress() {
    var app = stage.newExApp(route(".*", 0));
    var victim = stage.newClient();
    var attacker = stage.newClient();

    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      stage.get("/nothing", from(victim + ", " + attacker));
    }

    assertThat(stage.get("/exapps/" + app + "/x", from(victim)).status()).isEqualTo(200);
    assertThat(stage.isDropped("/exapps/" + app + "/x", from("192.0.2.77, " + attacker))).isTrue();
  }

  @ParameterizedTest(name = "Row 2: {0}")
  @ValueSource(
      strings = {
        "/../",
        "/a/..",
        "/a%2f..",
        "/a/%2E.",
        "/a/.%2e/",
        "/a/%2e%2e",
        "/.%2e%2F",
        "/a%2F%2e%2E%2fb"
      })
  void aParentSegmentIsDropped(String rest) {
    var app = stage.newExApp(route(".*", 0));

    assertThat(stage.isDropped("/exapps/" + app + rest, from(stage.newClient()))).isTrue();
    assertThat(stage.exApp.requests(rest)).isEmpty();
  }

  @ParameterizedTest(name = "Row 2 does not mean {0}")
  @ValueSource(strings = {"/a/...", "/..a", "/a?x=/../", "/a.../b", "/.well-known/x"})
  void otherDotsPass(String rest) {
    var app = stage.newExApp(route(".*", 0));

    assertThat(stage.get("/exapps/" + app + rest, from(stage.newClient())).status()).isEqualTo(200);
  }

  @ParameterizedTest(name = "Row 3: {0}")
  @ValueSource(strings = {"/", "/exapps/", "/exapps//a", "/Exapps/a", "/xexapps/a", "/index.php"})
  void aPathWithoutAnAppIs404(String path) {
    assertRefused(stage.get(path, from(stage.newClient())), 404, "404 Not Found");
  }

  @ParameterizedTest(name = "Row 4: {0}")
  @ValueSource(strings = {"/info", "/heartbeat", "/docker/exapp/create", ""})
  void anOrderNeedsTheKey(String path) {
    var client = stage.newClient();
    var target = "/exapps/app_api" + path;

    assertRefused(stage.get(target, from(client)), 401, "401 Unauthorized");
    assertRefused(
        stage.get(target, from(client), "harp-shared-key: wrong"), 401, "401 Unauthorized");
    assertRefused(stage.get(target, from(client), "harp-shared-key:"), 401, "401 Unauthorized");
    assertThat(stage.isDropped(target, from(client))).as("three strikes").isTrue();
  }

  @Test
  @DisplayName("Rows 7, W2: a wrong key in a signed request counts against the client")
  void w2_aWrongKeyInASignedRequestCountsAgainstTheClient() {
    var app = stage.newExApp(route(".*", 0));
    var guesser = stage.newClient();

    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      assertThat(
              stage.isDropped(
                  "/exapps/" + app + "/x", with(stage.signed(app, "no"), from(guesser))))
          .isTrue();
    }

    assertThat(stage.isDropped("/exapps/" + app + "/x", from(guesser))).isTrue();
    assertThat(stage.get("/exapps/" + app + "/x").status()).as("the proxy itself").isEqualTo(200);
  }

  @Test
  @DisplayName("Row 8: a signed request for an app that Nextcloud does not know uses its headers")
  void aSignedRequestNeedsNoRecord() {
    var app = stage.unknownExApp();

    assertThat(stage.get("/exapps/" + app + "/signed-" + app, stage.signed(app, KEY)).status())
        .isEqualTo(200);
    assertThat(stage.exApp.requests("/signed-" + app)).hasSize(1);
  }

  @Test
  @DisplayName("Row 9: an unknown app is 404 and counts")
  void anUnknownAppIs404() {
    var client = stage.newClient();
    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      assertRefused(
          stage.get("/exapps/" + stage.unknownExApp() + "/heartbeat", from(client)),
          404,
          "404 Not Found");
    }
    assertThat(stage.isDropped("/exapps/any", from(client))).isTrue();
  }

  @Test
  @DisplayName("Row 10, W22: a failed lookup is the gateway's trouble, not the client's")
  void w22_aFailedLookupIsNotTheClientsFault() {
    var app = stage.unknownExApp();
    var client = stage.newClient();
    stage.nextcloud.onMeta(app, (request, in, out) -> out.write(RawServer.json(500, "{}")));

    for (int i = 0; i <= Stage.BAN_COUNT; i++) {
      assertThat(stage.get("/exapps/" + app + "/x", from(client)).status()).isIn(502, 503);
    }
    assertThat(stage.nextcloud.metaCalls(app)).as("failures are not cached").isGreaterThan(1);
  }

  @Test
  @DisplayName("Row 11: routes do not matter for a signed request")
  void aSignedRequestNeedsNoRoute() {
    var app = stage.newExApp();

    assertThat(stage.get("/exapps/" + app + "/init", stage.signed(app, KEY)).status())
        .isEqualTo(200);
  }

  @ParameterizedTest(name = "Row 12, W6: {0}")
  @ValueSource(
      strings = {
        "/heartbeat",
        "/init",
        "/enabled",
        "/enabled?enabled=0",
        "/%68eartbeat",
        "/%69nit",
        "/%65nabled",
        "//init",
        "/./init",
        "/init/"
      })
  void w6_internalEndpointsAreClosedInEverySpelling(String rest) {
    var app = stage.newExApp(route(".*", 0));
    var client = stage.newClient();

    assertThat(stage.isDropped("/exapps/" + app + rest, from(client))).isTrue();
    assertThat(stage.isDropped("/exapps/" + app + rest, from(client), "harp-shared-key: " + KEY))
        .isTrue();
  }

  @ParameterizedTest(name = "Row 14: level {0} for {1} is {2}")
  @CsvSource({
    "0, nobody, 200", "0, alice, 200", "0, root, 200", "0, locked, 200",
    "1, nobody, 403", "1, alice, 200", "1, root, 200", "1, locked, 403",
    "2, nobody, 403", "2, alice, 403", "2, root, 200", "2, locked, 403",
  })
  void aRouteIsForItsLevelAndAbove(int level, String user, int status) {
    var app = stage.newExApp(route("^/x", level));
    var headers =
        user.equals("nobody")
            ? new String[] {from(stage.newClient())}
            : new String[] {from(stage.newClient()), session(user)};

    assertThat(stage.get("/exapps/" + app + "/x", headers).status()).isEqualTo(status);
  }

  @Test
  @DisplayName("Row 14b: the first route that matches decides, and a refusal counts")
  void theFirstRouteThatMatchesDecides() {
    var app = stage.newExApp(route("^/admin", 2), route(".*", 0));
    var client = stage.newClient();

    assertThat(stage.get("/exapps/" + app + "/other", from(client)).status()).isEqualTo(200);
    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      assertRefused(stage.get("/exapps/" + app + "/admin/x", from(client)), 403, "403 Forbidden");
    }
    assertThat(stage.isDropped("/exapps/" + app + "/other", from(client))).isTrue();
  }

  @ParameterizedTest(name = "W6: {0}")
  @ValueSource(strings = {"/%61dmin", "//admin", "/./admin", "/a/%2e/../admin"})
  void w6_noSpellingGetsAroundARoute(String rest) {
    var app = stage.newExApp(route("^/admin", 2), route(".*", 0));

    try (var wire = new Wire(stage.port)) {
      wire.send(Wire.request("GET", "/exapps/" + app + rest, List.of(from(stage.newClient()))));
      assertThat(wire.endsSilently() || stage.exApp.requests(rest).isEmpty()).isTrue();
    }
    assertThat(stage.exApp.requests(rest)).isEmpty();
  }

  @Test
  @DisplayName("Row 15: no route is 404 and counts")
  void noRouteIs404() {
    var app = stage.newExApp(route("^/x", 0));
    var client = stage.newClient();

    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      assertRefused(stage.get("/exapps/" + app + "/y", from(client)), 404, "404 Not Found");
    }
    assertThat(stage.isDropped("/exapps/" + app + "/x", from(client))).isTrue();
  }

  @ParameterizedTest(name = "3.12: {0} and {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "/|/anything|200",
        "^/user|/users/7|200",
        "user|/user|404",
        "^/User|/user|404",
        "/api/{id}|/api/{id}|200",
        "/a{,2}b|/aab|200",
        "(?P<x>/a)|/a|200",
        "^/[a-z&&[^b]]|/b]|200",
        "^/\\d+\\Z|/12|200",
        "^/\\d+\\Z|/12x|404",
        "^/x(?=y)|/xy|200",
        "(|/a|404",
        "\\pL|/a|404",
      })
  void patternsAreThoseOfPython(String pattern, String rest, int status) {
    var app = stage.newExApp(route(pattern, 0));

    assertThat(stage.get("/exapps/" + app + rest, from(stage.newClient())).status())
        .isEqualTo(status);
  }

  @Test
  @DisplayName("W17: a pattern that backtracks does not stop the others")
  void w17_aPatternThatBacktracksEndsSoon() {
    var app = stage.newExApp(route("^/(a+)+$", 0), route("^/(a|a)*\\1$", 0));
    var path = "/exapps/" + app + "/" + "a".repeat(2000) + "!";

    assertThat(stage.get(path, from(stage.newClient())).status()).isIn(403, 404);
  }

  private void ban(String client) {
    for (int i = 0; i < Stage.BAN_COUNT; i++) {
      assertThat(stage.get("/nothing", from(client)).status()).isEqualTo(404);
    }
  }

  private static String[] with(String[] headers, String another) {
    return Stream.concat(Arrays.stream(headers), Stream.of(another)).toArray(String[]::new);
  }

  private static void assertRefused(Answer answer, int status, String text) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).isEqualTo(text);
    assertThat(answer.header("content-type")).containsExactly("text/plain");
    assertThat(answer.header("server")).isEmpty();
    assertThat(answer.header("www-authenticate")).isEmpty();
  }
}
