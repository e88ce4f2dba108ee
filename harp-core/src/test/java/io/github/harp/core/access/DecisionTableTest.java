// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.STRANGER;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.BAN_COUNT;
import static io.github.harp.core.testing.Gate.BAN_WINDOW;
import static io.github.harp.core.testing.Gate.KEY;
import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;

import io.github.harp.core.HarpException.Code;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.Gate;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's decision table (3.5), a test for each row, in its order. */
class DecisionTableTest {
  private final Gate gate =
      gate().withExApp("app", publicRoute("^/public"), userRoute("^/user"), adminRoute("^/admin"));

  private static FakeRequest order(String path) {
    return get("/exapps/app_api" + path).key(KEY);
  }

  private static FakeRequest signed(String path) {
    return get("/exapps/app" + path).signed(KEY, "c2lnbmVk");
  }

  @Test
  @DisplayName("row 1: a banned address is dropped, which is not counted")
  void aBannedAddressIsDropped() {
    gate.repeat(BAN_COUNT, get("/exapps/unknown/"));

    assertThat(gate.decide(get("/exapps/app/public"))).isDropped(Reason.BANNED).isNotCounted();
  }

  @Test
  @DisplayName("row 1: a ban ends when enough failures have aged")
  void aBanEnds() {
    gate.repeat(1, get("/exapps/unknown/"));
    gate.ticker.advance(Duration.ofMinutes(1));
    gate.repeat(BAN_COUNT - 1, get("/exapps/unknown/"));
    gate.ticker.advance(BAN_WINDOW.minusMinutes(1));

    assertThat(gate.decide(get("/exapps/app/public"))).isForwardedTo("app", "/public");
  }

  @Test
  @DisplayName("row 2: a parent segment is dropped and counted")
  void aParentSegmentIsDroppedAndCounted() {
    assertThat(gate.decide(get("/exapps/app/%2e%2e%2fadmin")))
        .isDropped(Reason.PARENT_SEGMENT)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 2: with the key a parent segment is dropped and not counted")
  void aParentSegmentOfAKeyHolderIsNotCounted() {
    assertThat(gate.decide(order("/docker/../info")))
        .isDropped(Reason.PARENT_SEGMENT)
        .isNotCounted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/exapps/", "/exapps//a", "/Exapps/app/", "/xexapps/app", "/exapps"})
  @DisplayName("row 3: a path without an app id is 404 and counted")
  void aPathWithoutAnAppIdIsNotFound(String path) {
    assertThat(gate.decide(get(path)))
        .isRefused(404, Reason.NOT_AN_EXAPP_PATH)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 3: with the key it is 404 and not counted")
  void aKeyHoldersPathWithoutAnAppIdIsNotCounted() {
    assertThat(gate.decide(get("/").key(KEY)))
        .isRefused(404, Reason.NOT_AN_EXAPP_PATH)
        .isNotCounted();
  }

  @Test
  @DisplayName("row 4: an order without the key is 401 and counted")
  void anOrderWithoutKeyIsUnauthorized() {
    assertThat(gate.decide(get("/exapps/app_api/info")))
        .isRefused(401, Reason.WRONG_KEY_FOR_ORDER)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 4: an order with a wrong key is 401 and counted")
  void anOrderWithAWrongKeyIsUnauthorized() {
    assertThat(gate.decide(get("/exapps/app_api/info").key("the-shared-kez")))
        .isRefused(401, Reason.WRONG_KEY_FOR_ORDER)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 4: the id of orders is case-sensitive, /exapps/APP_API is an ExApp")
  void theIdOfOrdersIsCaseSensitive() {
    assertThat(gate.decide(get("/exapps/APP_API/info"))).isRefused(404, Reason.UNKNOWN_EXAPP);
  }

  @Test
  @DisplayName("row 5: an order with an engine port goes to the engine")
  void anOrderWithAnEnginePortGoesToTheEngine() {
    assertThat(gate.decide(order("/v1.44/_ping").header("docker-engine-port", "24000")))
        .isEngineCall(24000, "/v1.44/_ping")
        .because(Reason.ENGINE_CALL);
  }

  @Test
  @DisplayName("row 5: /docker/ orders with an engine port are the control API's")
  void dockerOrdersWithAnEnginePortAreControl() {
    assertThat(gate.decide(order("/docker/exapp/exists").header("docker-engine-port", "24000")))
        .isOrder("/docker/exapp/exists");
  }

  @Test
  @DisplayName("row 6: other orders are the control API's")
  void otherOrdersAreControl() {
    assertThat(gate.decide(order("/info"))).isOrder("/info").because(Reason.ORDER);
  }

  @Test
  @DisplayName("row 6: an empty engine port is none")
  void anEmptyEnginePortIsNone() {
    assertThat(gate.decide(order("/info").header("docker-engine-port", ""))).isOrder("/info");
  }

  @Test
  @DisplayName("row 7: a signed request with a wrong key is dropped and counted")
  void aSignedRequestWithAWrongKeyIsDropped() {
    assertThat(gate.decide(get("/exapps/app/public").signed("guess", "c2lnbmVk")))
        .isDropped(Reason.WRONG_KEY_IN_SIGNED_REQUEST)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 8: a signed request to a known ExApp goes where the record says")
  void aSignedRequestUsesTheRecord() {
    assertThat(gate.decide(signed("/any")))
        .isForwardedTo("app", "/any")
        .at("127.0.0.1", 23000)
        .withVersion("2.1.0");
  }

  @Test
  @DisplayName("row 8: a signed request to an unknown ExApp goes where its headers say")
  void aSignedRequestToAnUnknownExAppUsesItsHeaders() {
    gate.nextcloud.without("app");

    assertThat(gate.decide(signed("/heartbeat")))
        .isForwardedTo("app", "/heartbeat")
        .at("10.1.2.3", 23099)
        .withVersion("9.9.9");
  }

  @Test
  @DisplayName("row 9: a signed request to what can't be an ExApp is not sent anywhere")
  void row9_aSignedRequestToWhatIsNoAppId() {
    assertThat(gate.decide(get("/exapps/%61pp/heartbeat").signed(KEY, "c2lnbmVk")))
        .isRefused(404, Reason.UNKNOWN_EXAPP)
        .isNotCounted();
  }

  @Test
  @DisplayName("row 8: a signed request goes where its headers say when the lookup fails")
  void aSignedRequestSurvivesAFailedLookup() {
    gate.nextcloud.failWith(Code.UNREACHABLE);

    assertThat(gate.decide(signed("/init"))).isForwardedTo("app", "/init").at("10.1.2.3", 23099);
  }

  @Test
  @DisplayName("row 8: what its headers say is not kept")
  void theRecordOfHeadersIsNotKept() {
    gate.nextcloud.without("app");

    gate.decide(signed("/heartbeat"));

    assertThat(gate.decide(get("/exapps/app/public"))).isRefused(404, Reason.UNKNOWN_EXAPP);
  }

  @Test
  @DisplayName("row 9: an unknown ExApp is 404 and counted")
  void anUnknownExAppIsNotFound() {
    assertThat(gate.decide(get("/exapps/unknown/heartbeat")))
        .isRefused(404, Reason.UNKNOWN_EXAPP)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 9: with the key it is 404 and not counted")
  void anUnknownExAppOfAKeyHolderIsNotCounted() {
    assertThat(gate.decide(get("/exapps/unknown/").key(KEY)))
        .isRefused(404, Reason.UNKNOWN_EXAPP)
        .isNotCounted();
  }

  @Test
  @DisplayName("row 10 (W22): a failed lookup is 503 and not counted")
  void w22_aFailedLookupIsNotTheClientsFault() {
    gate.nextcloud.failWith(Code.TIMED_OUT);

    assertThat(gate.decide(get("/exapps/app/public")))
        .isRefused(503, Reason.LOOKUP_FAILED)
        .isNotCounted();
  }

  @Test
  @DisplayName("row 11: a signed request needs no route, and its authorization passes unchanged")
  void aSignedRequestNeedsNoRoute() {
    assertThat(gate.decide(signed("/enabled")))
        .isForwardedTo("app", "/enabled")
        .withAuthorization("c2lnbmVk")
        .isSigned()
        .countsAnswers()
        .because(Reason.SIGNED_REQUEST);
  }

  @Test
  @DisplayName("row 11: a signed request with an empty authorization is judged like any other")
  void anEmptyAuthorizationVouchesForNobody() {
    assertThat(gate.decide(get("/exapps/app/user").signed(KEY, "")))
        .isRefused(403, Reason.LEVEL_TOO_LOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/heartbeat", "/init", "/enabled"})
  @DisplayName("row 12: internal end-points are dropped and counted")
  void internalEndpointsAreDropped(String path) {
    gate.withExApp("open", publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/open" + path)))
        .isDropped(Reason.INTERNAL_ENDPOINT)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 12: so they are with the key alone")
  void internalEndpointsAreDroppedWithTheKeyAlone() {
    assertThat(gate.decide(get("/exapps/app/init").key(KEY)))
        .isDropped(Reason.INTERNAL_ENDPOINT)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 13 (W22): when Nextcloud can't say who it is a USER route is 503, not counted")
  void w22_aFailedUserLookupIsNotTheClientsFault() {
    gate.decide(get("/exapps/app/public"));
    gate.nextcloud.failWith(Code.UNREACHABLE);

    assertThat(gate.decide(get("/exapps/app/user").session("alice")))
        .isRefused(503, Reason.USER_LOOKUP_FAILED)
        .isNotCounted();
  }

  @Test
  @DisplayName("row 13 (W22): nonsense from Nextcloud is 502")
  void w22_nonsenseFromNextcloudIsABadGateway() {
    gate.decide(get("/exapps/app/public"));
    gate.nextcloud.failWith(Code.FAILED);

    assertThat(gate.decide(get("/exapps/app/user").session("alice")))
        .isRefused(502, Reason.USER_LOOKUP_FAILED)
        .isNotCounted();
  }

  @Test
  @DisplayName("row 13 (W22): PUBLIC routes go on anonymously when Nextcloud can't say who it is")
  void w22_publicRoutesGoOnWithoutNextcloud() {
    gate.decide(get("/exapps/app/public"));
    gate.nextcloud.failWith(Code.UNREACHABLE);

    assertThat(gate.decide(get("/exapps/app/public").session("alice")))
        .isForwardedTo("app", "/public")
        .withIdentity(":SECRET")
        .because(Reason.PUBLIC_WITHOUT_NEXTCLOUD);
  }

  @Test
  @DisplayName("row 14: a PUBLIC route is open to anonymous callers")
  void aPublicRouteIsOpen() {
    assertThat(gate.decide(get("/exapps/app/public/x")))
        .isForwardedTo("app", "/public/x")
        .withAuthorization("OlNFQ1JFVA==")
        .isNotSigned()
        .because(Reason.ROUTE_ALLOWED);
  }

  @Test
  @DisplayName("row 14: a user with a session is named to the ExApp")
  void aUserIsNamed() {
    assertThat(gate.decide(get("/exapps/app/user").session("alice")))
        .isForwardedTo("app", "/user")
        .withIdentity("alice:SECRET");
  }

  @Test
  @DisplayName("row 14: a user with an Authorization header is named to the ExApp")
  void aUserWithAuthorizationIsNamed() {
    assertThat(gate.decide(get("/exapps/app/user").header("authorization", "Bearer alice")))
        .isForwardedTo("app", "/user")
        .withIdentity("alice:SECRET");
  }

  @Test
  @DisplayName("row 14: an administrator may use every level")
  void anAdministratorMayUseEveryLevel() {
    assertThat(gate.decide(get("/exapps/app/admin").session("root"))).withIdentity("root:SECRET");
    assertThat(gate.decide(get("/exapps/app/user").session("root"))).withIdentity("root:SECRET");
    assertThat(gate.decide(get("/exapps/app/public").session("root"))).withIdentity("root:SECRET");
  }

  @Test
  @DisplayName("row 14: the route's statuses are remembered")
  void theStatusesOfTheRouteAreRemembered() {
    gate.withExApp("guarded", publicRoute("^/login", 401, 403), publicRoute(".*", 500));

    assertThat(gate.decide(get("/exapps/guarded/login"))).countsAnswers(401, 403);
  }

  @Test
  @DisplayName("row 14b: a level too low is 403, and counted unless a user asks (S11)")
  void aLevelTooLowIsForbidden() {
    assertThat(gate.decide(get("/exapps/app/admin").session("alice")))
        .isRefused(403, Reason.LEVEL_TOO_LOW)
        .isNotCounted();
    assertThat(gate.decide(get("/exapps/app/admin").session("gone")))
        .isRefused(403, Reason.LEVEL_TOO_LOW)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 14b: anonymous callers of a USER route get 403, counted")
  void anAnonymousCallerIsForbidden() {
    assertThat(gate.decide(get("/exapps/app/user")))
        .isRefused(403, Reason.LEVEL_TOO_LOW)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 14b: a user whom Nextcloud does not name is 403, counted")
  void anUnknownUserIsForbidden() {
    gate.nextcloud.refuseUsers();

    assertThat(gate.decide(get("/exapps/app/user").session("alice")))
        .isRefused(403, Reason.USER_UNKNOWN)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("row 14b: a user whom Nextcloud does not name may use PUBLIC routes")
  void anUnknownUserMayUsePublicRoutes() {
    gate.nextcloud.refuseUsers();

    assertThat(gate.decide(get("/exapps/app/public").session("alice"))).withIdentity(":SECRET");
  }

  @Test
  @DisplayName("row 14b: later routes are not tried")
  void laterRoutesAreNotTried() {
    gate.withExApp("strict", adminRoute("^/a"), publicRoute(".*"));

    assertThat(gate.decide(get("/exapps/strict/abc"))).isRefused(403, Reason.LEVEL_TOO_LOW);
  }

  @Test
  @DisplayName("row 15: a path without a route is 404 and counted, even with the key")
  void aPathWithoutARouteIsNotFound() {
    assertThat(gate.decide(get("/exapps/app/nothing")))
        .isRefused(404, Reason.NO_ROUTE)
        .countsAgainst(STRANGER);
    assertThat(gate.decide(get("/exapps/app/nothing").key(KEY)))
        .isRefused(404, Reason.NO_ROUTE)
        .countsAgainst(STRANGER);
  }

  @Test
  @DisplayName("3.1: a target without a path is 503")
  void aTargetWithoutAPathIsUnavailable() {
    assertThat(gate.decide(get(""))).isRefused(503, Reason.NO_PATH).isNotCounted();
  }

  @Test
  @DisplayName("3.1: of a repeated header the last line counts")
  void theLastLineOfAHeaderCounts() {
    assertThat(gate.decide(get("/exapps/app_api/info").key("forged").key(KEY))).isOrder("/info");
    assertThat(gate.decide(get("/exapps/app_api/info").key(KEY).key("forged")))
        .isRefused(401, Reason.WRONG_KEY_FOR_ORDER);
  }

  @Test
  @DisplayName("3.8: the user id is UTF-8 in the authorization")
  void theUserIdIsUtf8() {
    gate.nextcloud.withSession(
        "zoe", new io.github.harp.core.NcUser("zoë", io.github.harp.core.AccessLevel.USER));

    assertThat(gate.decide(get("/exapps/app/user").session("zoe")))
        .withAuthorization("em/DqzpTRUNSRVQ=");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ex-app-version",
        "ex-app-id",
        "ex-app-host",
        "ex-app-port",
        "authorization-app-api",
        "harp-shared-key"
      })
  @DisplayName("row 7: five of the six headers make no signed request")
  void fiveHeadersMakeNoSignedRequest(String missing) {
    assertThat(gate.decide(signed("/public").without(missing)))
        .isForwardedTo("app", "/public")
        .isNotSigned();
  }
}
