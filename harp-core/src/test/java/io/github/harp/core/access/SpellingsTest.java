// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.STRANGER;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.BAN_COUNT;
import static io.github.harp.core.testing.Gate.KEY;
import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.decision.Reason;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("S3: spellings that servers behind us take for another path")
class SpellingsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/init%0a",
        "/init%0A",
        "/init%0d%0a",
        "/init%00",
        "/init%7f",
        "/init%1F",
        "/%09init",
        "/init%250a",
        "/init%25250a",
        "/init%%30a",
        "/init%0%61",
        "/admin%0a",
        "/a%08/b"
      })
  void anEncodedControlCharacterIsABadRequestAndNobodysFailure(String path) {
    var gate = gate().withExApp("app", publicRoute(".*"));
    var request = get("/exapps/app" + path).session("root");

    gate.repeat(BAN_COUNT + 1, request);

    assertThat(gate.decide(request)).isRefused(400, Reason.CONTROL_CHARACTER).isNotCounted();
    assertThat(gate.decide(get("/exapps/%0aapp/x"))).isRefused(400, Reason.CONTROL_CHARACTER);
    assertThat(gate.decide(get("/other%0a"))).isRefused(400, Reason.CONTROL_CHARACTER);
    assertThat(gate.nextcloud.exAppQuestions()).isEmpty();
  }

  @Test
  void whatAppApiVouchesForPassesWithIt() {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app/a%0a").signed(KEY, "eA==")))
        .isForwardedTo("app", "/a%0a");
    assertThat(gate.decide(get("/exapps/app/a%0a").signed(KEY, "")))
        .isRefused(400, Reason.CONTROL_CHARACTER);
  }

  @Test
  void aControlCharacterDoesNotHelpToGuessTheKey() {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app/a%0a").signed("guess", "eA==")))
        .isDropped(Reason.WRONG_KEY_IN_SIGNED_REQUEST)
        .countsAgainst(STRANGER);
    assertThat(gate.decide(get("/exapps/app_api/info%0a").key("guess")))
        .isRefused(401, Reason.WRONG_KEY_FOR_ORDER)
        .countsAgainst(STRANGER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/INIT",
        "/Init/",
        "/init//",
        "/init///",
        "/HeartBeat",
        "/%45nabled",
        "/ENABLED%2f%2F",
        "/init%20",
        "/init/%20/",
        "/init%c2%85",
        "/init%e2%80%a8",
        "/%2569nit",
        "/%25252569nit%252f",
        "/%255cinit",
        "/INIT;x=1/"
      })
  void anotherSpellingOfAnInternalEndpointIsOne(String spelling) {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app" + spelling)))
        .isDropped(Reason.INTERNAL_ENDPOINT)
        .countsAgainst(STRANGER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"//host/init", "/\\host/Enabled/", "/init%3fx", "//api/heartbeat%23"})
  @DisplayName("S3: what is an internal end-point to a parser of URLs goes nowhere and is no guilt")
  void whatIsAnInternalEndpointAsUrl(String path) {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app" + path)))
        .isDropped(Reason.INTERNAL_ENDPOINT)
        .isNotCounted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/initial", "/init/x", "/x/init", "/heartbeats", "/enabled.css"})
  void whatOnlyLooksLikeOneIsNone(String path) {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app" + path))).isForwardedTo("app", path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/admin/",
        "/admin//",
        "/ADMIN",
        "/Admin/",
        "/%41dmin/",
        "/admin%2F",
        "/ADMIN%2f",
        "/admin%20",
        "/admin%e2%80%a8",
        "/ADMIN;x/"
      })
  void anotherSpellingOfAnAdminPathIsOne(String spelling) {
    var gate = gate().withExApp("app", adminRoute("^/admin$"), userRoute(".*"));

    assertThat(gate.decide(get("/exapps/app" + spelling).session("alice")))
        .isRefused(403, Reason.LEVEL_TOO_LOW);
    assertThat(gate.decide(get("/exapps/app" + spelling).session("root")))
        .isForwardedTo("app", spelling);
  }

  @Test
  void theStrictestRouteWinsWhateverTheOrder() {
    var gate = gate().withExApp("app", publicRoute("^/api/"), adminRoute("^/api$"));

    assertThat(gate.decide(get("/exapps/app/api/x"))).isForwardedTo("app", "/api/x");
    assertThat(gate.decide(get("/exapps/app/api/"))).isRefused(403, Reason.LEVEL_TOO_LOW);
  }

  @Test
  void aSpellingWithoutARouteOfItsOwnDoesNotMatter() {
    var gate = gate().withExApp("app", publicRoute("^/Public/"));

    assertThat(gate.decide(get("/exapps/app/Public/"))).isForwardedTo("app", "/Public/");
  }
}
