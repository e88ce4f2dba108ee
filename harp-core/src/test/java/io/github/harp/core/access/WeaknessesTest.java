// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.STRANGER;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.BAN_COUNT;
import static io.github.harp.core.testing.Gate.KEY;
import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.gateTrusting;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException.Code;
import io.github.harp.core.decision.Reason;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the original gets wrong in deciding (contract, section 11), and we don't. */
class WeaknessesTest {

  @Test
  @DisplayName("W2: a wrong key behind a trusted proxy counts against the client, not the proxy")
  void w2_aWrongKeyCountsAgainstTheClient() {
    var gate = gateTrusting("172.18.0.2").withExApp("app", publicRoute(".*"));
    var guess =
        get("/exapps/app/x")
            .from("172.18.0.2")
            .header("x-forwarded-for", STRANGER)
            .signed("guess", "eA==");

    assertThat(gate.decide(guess)).countsAgainst(STRANGER);
    gate.repeat(BAN_COUNT, guess);

    assertThat(gate.decide(guess)).isDropped(Reason.BANNED);
    assertThat(gate.decide(get("/exapps/app/x").from("172.18.0.2"))).isForwardedTo("app", "/x");
  }

  @Test
  @DisplayName("W3: a forged X-Forwarded-For neither evades a ban nor gets others banned")
  void w3_forgedForwardedForIsOfNoUse() {
    var gate = gateTrusting("172.18.0.0/16").withExApp("app", publicRoute(".*"));

    for (var i = 0; i < BAN_COUNT; i++) {
      gate.decide(
          get("/exapps/unknown/")
              .from("172.18.0.2")
              .header("x-forwarded-for", "198.51.100." + i + ", " + STRANGER));
    }

    assertThat(
            gate.decide(
                get("/exapps/app/")
                    .from("172.18.0.2")
                    .header("x-forwarded-for", "10.9.9.9, " + STRANGER)))
        .isDropped(Reason.BANNED)
        .isAbout(STRANGER);
    assertThat(gate.decide(get("/exapps/app/").from("198.51.100.1"))).isForwardedTo("app", "/");
  }

  @Test
  @DisplayName("W4: a ban does not stop who has the key")
  void w4_aBanDoesNotStopWhoHasTheKey() {
    var gate = gate().withExApp("app", publicRoute(".*"));
    gate.repeat(BAN_COUNT, get("/exapps/app_api/info"));
    gate.repeat(BAN_COUNT, get("/exapps/unknown/"));

    assertThat(gate.decide(get("/exapps/app_api/info").key(KEY))).isOrder("/info");
    assertThat(gate.decide(get("/exapps/app/x").signed(KEY, "eA=="))).isForwardedTo("app", "/x");
  }

  @Test
  @DisplayName("W4: failures of users, orders and tunnels are counted apart")
  void w4_countersAreApart() {
    var gate = gate().withExApp("app", publicRoute(".*"));

    gate.repeat(BAN_COUNT, get("/exapps/app_api/info"));

    assertThat(gate.decide(get("/exapps/app_api/info"))).isDropped(Reason.BANNED);
    assertThat(gate.decide(get("/exapps/app/x"))).isForwardedTo("app", "/x");
    assertThat(gate.bans.tunnels().entries()).isEmpty();
  }

  @Test
  @DisplayName("W5: an empty key opens nothing")
  void w5_anEmptyKeyOpensNothing() {
    assertThat(gate().decide(get("/exapps/app_api/info").key("")))
        .isRefused(401, Reason.WRONG_KEY_FOR_ORDER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%61dmin",
        "/adm%69n/x",
        "//admin",
        "/./admin",
        "/%2e/admin",
        "/%2fadmin",
        "/x/%2e%2f/../",
        "/;x/admin",
        "/\\admin",
        "/%5cadmin"
      })
  @DisplayName("W6: another spelling of an ADMIN path is an ADMIN path")
  void w6_anotherSpellingOfAnAdminPathIsOne(String spelling) {
    var gate = gate().withExApp("app", adminRoute("^/+admin"), userRoute(".*"));

    var decision = gate.decide(get("/exapps/app" + spelling).session("alice"));

    assertThat(decision).isNotForwarded();
  }

  @Test
  @DisplayName("W6: an encoded slash does not lead into a stricter folder unseen")
  void w6_anEncodedSlashDoesNotLeadIntoAStricterFolder() {
    var gate = gate().withExApp("app", adminRoute("^/admin/"), userRoute(".*"));

    assertThat(gate.decide(get("/exapps/app/admin%2Fsecret").session("alice")))
        .isRefused(403, Reason.LEVEL_TOO_LOW);
  }

  @Test
  @DisplayName("W6: what has a route must have one when it is tidied up, too")
  void w6_theCanonicalPathNeedsARouteToo() {
    var gate = gate().withExApp("app", publicRoute("^/a/+b"), publicRoute("^/%78"));

    assertThat(gate.decide(get("/exapps/app/a//b"))).isForwardedTo("app", "/a//b");
    assertThat(gate.decide(get("/exapps/app/%78"))).isRefused(404, Reason.NO_ROUTE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%68eartbeat",
        "/%69nit",
        "/%65nabled",
        "//init",
        "/./init",
        "/init/",
        "/init/.",
        "/%2finit",
        "/init%2f",
        "/init;x=1",
        "/%5cinit",
        "/enabled//"
      })
  @DisplayName("W6: another spelling of an internal end-point is one")
  void w6_anotherSpellingOfAnInternalEndpointIsOne(String spelling) {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app" + spelling)))
        .isDropped(Reason.INTERNAL_ENDPOINT)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("W6: the raw bytes are forwarded")
  void w6_theRawBytesAreForwarded() {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app/%61//b/./c%2Fd%20e")))
        .isForwardedTo("app", "/%61//b/./c%2Fd%20e");
  }

  @Test
  @DisplayName("W10: another cookie or Authorization is another caller")
  void w10_otherCredentialsAreAnotherCaller() {
    var gate = gate().withExApp("app", adminRoute(".*"));
    gate.decide(get("/exapps/app/x").session("root"));

    var replayed =
        get("/exapps/app/x")
            .header("cookie", "ocid=2; oc_sessionPassphrase=root")
            .header("authorization", "y");
    gate.decide(replayed);

    assertThat(gate.nextcloud.userQuestions()).hasSize(2);
  }

  @Test
  @DisplayName("W10: the same cookies with another Authorization are another caller")
  void w10_authorizationAloneMakesAnotherCaller() {
    var gate = gate().withExApp("app", adminRoute(".*")).withExApp("other", adminRoute(".*"));
    assertThat(gate.decide(get("/exapps/app/x").session("root"))).withIdentity("root:SECRET");
    gate.nextcloud.refuseUsers();

    var replayed = get("/exapps/app/x").session("root").header("authorization", "Basic eA==");

    assertThat(gate.decide(replayed)).isRefused(403, Reason.USER_UNKNOWN);
    assertThat(gate.decide(get("/exapps/other/x").session("root")))
        .withIdentity("root:SECRET"); // the same caller, known for three seconds
    assertThat(gate.nextcloud.userQuestions()).hasSize(2);
  }

  @Test
  @DisplayName("W11: what has no route costs no question to Nextcloud, and counts")
  void w11_whatHasNoRouteCostsNoQuestion() {
    var gate = gate().withExApp("app", publicRoute("^/public"));

    assertThat(gate.decide(get("/exapps/app/other").session("random"))).countsAgainst(STRANGER);

    assertThat(gate.nextcloud.userQuestions()).isEmpty();
  }

  @Test
  @DisplayName("W11: what can't be an app id costs no question to Nextcloud")
  void w11_whatIsNoAppIdCostsNoQuestion() {
    var gate = gate();

    assertThat(gate.decide(get("/exapps/%3Cscript%3E/"))).isRefused(404, Reason.UNKNOWN_EXAPP);

    assertThat(gate.nextcloud.exAppQuestions()).isEmpty();
  }

  @Test
  @DisplayName(
      "W17, S7: a pattern that takes too long refuses the request, which is nobody's fault")
  void w17_aPatternThatTakesTooLongRefuses() {
    var gate = gate().withExApp("app", publicRoute("^/(?=a*a*a*a*a*a*a*a*b)"), publicRoute(".*"));
    // Without a budget it takes a moment longer, and ends.
    var request = get("/exapps/app/" + "a".repeat(24));

    gate.repeat(BAN_COUNT + 1, request);

    assertThat(gate.decide(request)).isRefused(403, Reason.PATTERN_BUDGET_EXCEEDED).isNotCounted();
  }

  @Test
  @DisplayName("S8: beyond the questions of one address PUBLIC routes go on as anonymous")
  void s8_publicRoutesGoOnAsAnonymous() {
    var gate = gate().withExApp("app", publicRoute("^/public"), userRoute(".*"));
    gate.decide(get("/exapps/app/public"));
    gate.nextcloud.hold();
    for (var i = 0; i < 64; i++) {
      gate.decision(get("/exapps/app/user").session("random" + i));
    }

    assertThat(gate.decide(get("/exapps/app/public").session("more")))
        .isForwardedTo("app", "/public")
        .withIdentity(":SECRET");
    assertThat(gate.decide(get("/exapps/app/user").session("more")))
        .isRefused(503, Reason.USER_LOOKUP_FAILED)
        .isNotCounted();
    var elsewhere = get("/exapps/app/user").session("other").from("198.51.100.1");
    assertThat(gate.decision(elsewhere).isComplete()).isFalse();
  }

  @Test
  @DisplayName("W17: nested quantifiers are decided in linear time")
  void w17_nestedQuantifiersAreLinear() {
    var gate = gate().withExApp("app", publicRoute("^/(a+)+$"), userRoute(".*"));

    assertThat(gate.decide(get("/exapps/app/" + "a".repeat(15_000) + "!")))
        .isRefused(403, Reason.LEVEL_TOO_LOW);
  }

  @Test
  @DisplayName("W19: a disabled user goes unnamed")
  void w19_aDisabledUserGoesUnnamed() {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/app/").session("gone"))).withIdentity(":SECRET");
  }

  @Test
  @DisplayName("W20: non-ASCII bytes in headers are no obstacle")
  void w20_nonAsciiHeadersPass() {
    var gate = gate().withExApp("app", userRoute(".*"));

    assertThat(
            gate.decide(
                get("/exapps/app/x")
                    .key("clé")
                    .header("cookie", "é=ü; oc_sessionPassphrase=alice")))
        .withIdentity("alice:SECRET");
  }

  @Test
  @DisplayName("W22: a stale record is served while Nextcloud is out")
  void w22_aStaleRecordIsServed() {
    var gate = gate().withExApp("app", publicRoute(".*"));
    gate.decide(get("/exapps/app/"));
    gate.nextcloud.failWith(Code.UNREACHABLE);
    gate.ticker.advance(Duration.ofHours(2));

    assertThat(gate.decide(get("/exapps/app/"))).isForwardedTo("app", "/");
  }

  @Test
  @DisplayName("W29: an IPv6 client is banned with its /64")
  void w29_anIpv6ClientIsItsNetwork() {
    var gate = gate().withExApp("app", publicRoute(".*"));
    for (var i = 1; i <= BAN_COUNT; i++) {
      gate.decide(get("/exapps/unknown/").from("2001:db8:1:2::" + i));
    }

    assertThat(gate.decide(get("/exapps/app/").from("2001:db8:1:2:ffff::1")))
        .isDropped(Reason.BANNED);
    assertThat(gate.decide(get("/exapps/app/").from("2001:db8:1:3::1"))).isForwardedTo("app", "/");
  }

  @Test
  @DisplayName("W30: an ExApp without a rest path gets /")
  void w30_noRestPathIsTheRoot() {
    var gate = gate().withExApp("app", publicRoute("/$"));

    assertThat(gate.decide(get("/exapps/app"))).isForwardedTo("app", "/");
    assertThat(gate.decide(get("/exapps/app_api").key(KEY))).isOrder("/");
  }

  @Test
  @DisplayName("W30: the prefix must stand at the start, and the reason says so")
  void w30_thePrefixMustStandAtTheStart() {
    var gate = gate().withExApp("app", publicRoute(".*"));

    assertThat(gate.decide(get("/nextcloud/exapps/app/")))
        .isRefused(404, Reason.EXAPPS_PREFIX_NOT_AT_START)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("W30: the ExApp is told its own id, whatever the case in the URL")
  void w30_theIdIsCanonical() {
    var gate = gate();
    gate.records.put(exApp("App_Skeleton", publicRoute(".*")));

    assertThat(gate.decide(get("/exapps/APP_SKELETON/x"))).isForwardedTo("App_Skeleton", "/x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "65536", "23000 ", "+23000", "0x10", "999999999999"})
  @DisplayName("W30: a bad port in a signed request is 400")
  void w30_aBadSignedPortIsABadRequest(String port) {
    var request =
        get("/exapps/new/x").signed(KEY, "eA==").without("ex-app-port").header("ex-app-port", port);

    assertThat(gate().decide(request)).isRefused(400, Reason.BAD_SIGNED_PORT).isNotCounted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0", "-1", "65536", "24000x"})
  @DisplayName("W30: a bad engine port is 400")
  void w30_aBadEnginePortIsABadRequest(String port) {
    var request = get("/exapps/app_api/_ping").key(KEY).header("docker-engine-port", port);

    assertThat(gate().decide(request)).isRefused(400, Reason.BAD_ENGINE_PORT).isNotCounted();
  }
}
