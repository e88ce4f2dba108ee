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

import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.Gate;
import io.github.harp.core.upstream.Engines;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("What counts against a visitor, and what a ban looks like")
class CountingTest {
  private static final FakeRequest PUBLIC = get("/exapps/app/public");

  private final Gate gate =
      gate()
          .withExApp(
              "app", publicRoute("^/public"), publicRoute("^/login", 401), adminRoute("^/admin"));

  private static FakeRequest image(String path) {
    return get(path).header("Sec-Fetch-Site", "cross-site");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/exapps/app/admin",
        "/exapps/app/nothing",
        "/exapps/app/init",
        "/exapps/app/../x",
        "/exapps/unknown/x",
        "/exapps/app_api/info",
        "/other"
      })
  @DisplayName("S11: images on another website ban nobody")
  void s11_anotherWebsiteBansNobody(String path) {
    gate.repeat(10 * BAN_COUNT, image(path));

    assertThat(gate.decide(image(path))).isNotCounted();
    assertThat(gate.decide(PUBLIC)).isForwardedTo("app", "/public");
    assertThat(gate.bans.orders().entries()).isEmpty();
  }

  @Test
  @DisplayName("S11: what a website can't send counts, whatever the request says of itself")
  void s11_whatAWebsiteCannotSendCounts() {
    assertThat(gate.decide(image("/exapps/app_api/info").key("guess"))).countsAgainst(STRANGER);
    assertThat(gate.decide(image("/exapps/app/x").signed("guess", "eA=="))).countsAgainst(STRANGER);
    assertThat(gate.decide(image("/exapps/app/admin").header("authorization", "Basic guess")))
        .countsAgainst(STRANGER);
    assertThat(gate.decide(get("/exapps/app/x").header("sec-fetch-site", "same-origin")))
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("S11: answers to another website's requests lock out nothing but such requests")
  void s11_answersToAnotherWebsitesRequestsAreCountedApart() {
    for (var i = 0; i < BAN_COUNT; i++) {
      gate.answered(image("/exapps/app/login"), 401);
    }

    assertThat(gate.decide(image("/exapps/app/login"))).isRefused(429, Reason.BANNED);
    assertThat(gate.decide(image("/exapps/app/public"))).isForwardedTo("app", "/public");
    assertThat(gate.decide(get("/exapps/app/login"))).isForwardedTo("app", "/login");
    assertThat(gate.bans.users().entries()).isEmpty();
  }

  @Test
  @DisplayName("S11: what a user with a session does not may is no failure")
  void s11_aValidSessionDoesNotCount() {
    var admin = get("/exapps/app/admin").session("alice");

    gate.repeat(BAN_COUNT + 1, admin);

    assertThat(gate.decide(admin)).isRefused(403, Reason.LEVEL_TOO_LOW).isNotCounted();
    assertThat(gate.decide(get("/exapps/unknown/x").session("alice"))).isNotCounted();
    assertThat(gate.decide(get("/exapps/app/init").session("alice"))).isNotCounted();
    assertThat(gate.bans.users().entries()).isEmpty();
  }

  @Test
  @DisplayName("S11: before a failure bans, whoever shows a session is asked about")
  void s11_beforeAFailureBansASessionIsAskedAbout() {
    var missing = get("/exapps/app/favicon.ico").session("alice");

    gate.repeat(10 * BAN_COUNT, missing);

    assertThat(gate.decide(missing)).isRefused(404, Reason.NO_ROUTE).isNotCounted();
    assertThat(gate.decide(PUBLIC)).isForwardedTo("app", "/public");
    assertThat(gate.nextcloud.userQuestions()).hasSize(1);
  }

  @Test
  @DisplayName("S11: a session that Nextcloud does not know helps nobody")
  void s11_aRandomSessionHelpsNobody() {
    for (var i = 0; i < BAN_COUNT; i++) {
      gate.decide(get("/exapps/app/nothing").session("random" + i));
    }

    assertThat(gate.decide(PUBLIC)).isDropped(Reason.BANNED);
    assertThat(gate.nextcloud.userQuestions()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "sec-fetch-site, none",
    "sec-fetch-mode, navigate",
    "accept, 'text/html,application/xhtml+xml'",
    "user-agent, Mozilla/5.0 (X11)"
  })
  @DisplayName("S11: a banned browser is told")
  void s11_aBannedBrowserIsTold(String name, String value) {
    gate.repeat(BAN_COUNT, get("/exapps/app/nothing"));

    assertThat(gate.decide(get("/exapps/app/public").header(name, value)))
        .isRefused(429, Reason.BANNED)
        .untilAfter(Gate.BAN_WINDOW.plusSeconds(1))
        .isNotCounted();
    assertThat(gate.decide(PUBLIC)).isDropped(Reason.BANNED);
  }

  private Gatekeeper gatekeeper(BanAnswer answer, SeldomNotices notices) {
    return new Gatekeeper(
        Instances.only(gate.instance()),
        whose -> Engines.of(Map.of()),
        ClientAddresses.behind(TrustedProxies.none()),
        new GatekeeperOptions(WrongKeys.ignored(), answer, notices, false));
  }

  @Test
  @DisplayName("F15: with Nextcloud in a folder, orders and ExApps may be below it")
  void f15_theFolderOfNextcloudMayStandBefore() {
    var cloud = gate.instance();
    var inFolder =
        new Gatekeeper(
            Instances.only(
                new Instance(
                    cloud.name(),
                    cloud.key(),
                    "/cloud",
                    cloud.nextcloud(),
                    cloud.records(),
                    cloud.sessions(),
                    cloud.tokens(),
                    cloud.bans())),
            ClientAddresses.behind(TrustedProxies.none()));

    assertThat(inFolder.decide(get("/cloud/exapps/app/public"), Runnable::run).result())
        .isForwardedTo("app", "/public");
    assertThat(inFolder.decide(get("/cloud/exapps/app_api/info").key(KEY), Runnable::run).result())
        .isOrder("/info");
    assertThat(gate.decide(get("/cloud/exapps/app/public")))
        .isRefused(404, Reason.EXAPPS_PREFIX_NOT_AT_START);
  }

  @Test
  @DisplayName("S11: all of the banned, or none, are told if so configured")
  void s11_whoIsToldIsConfigured() {
    gate.repeat(BAN_COUNT, get("/exapps/app/nothing"));
    var always = gatekeeper(BanAnswer.ALWAYS, new SeldomNotices(gate.ticker));
    var never = gatekeeper(BanAnswer.DROP, new SeldomNotices(gate.ticker));
    var browser = get("/exapps/app/public").header("sec-fetch-site", "none");

    assertThat(always.decide(PUBLIC, Runnable::run).result()).isRefused(429, Reason.BANNED);
    assertThat(never.decide(browser, Runnable::run).result()).isDropped(Reason.BANNED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/exapps/app/nothing",
        "/exapps/app/init",
        "/exapps/app/../x",
        "/exapps/unknown/x",
        "/nextcloud/exapps/app/x",
        "/other"
      })
  @DisplayName("F14: a wrong path of a caller with the key is told once in a minute")
  void f14_aWrongPathWithTheKeyIsTold(String path) {
    var notices = new SeldomNotices(gate.ticker);
    var gatekeeper = gatekeeper(BanAnswer.BROWSER, notices);

    gatekeeper.decide(get(path), Runnable::run);
    assertThat(notices.isNew(path)).isTrue();
    gate.ticker.advance(Duration.ofSeconds(61));

    gatekeeper.decide(get(path).key(KEY), Runnable::run);
    assertThat(notices.isNew(path)).isFalse();
    gate.ticker.advance(Duration.ofSeconds(61));
    assertThat(notices.isNew(path)).isTrue();
  }

  @Test
  void othersPathsOfCallersWithTheKeyAreNotTold() {
    var notices = new SeldomNotices(gate.ticker);
    gate.withExApp("user", userRoute(".*"));

    gatekeeper(BanAnswer.BROWSER, notices).decide(PUBLIC.key(KEY), Runnable::run);

    assertThat(notices.isNew(PUBLIC.path())).isTrue();
  }
}
