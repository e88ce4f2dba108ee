// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.harp.core.HarpException;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.Gate;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.Explanation;
import io.github.harp.proxy.Supposition;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said about requests that nobody has sent. */
class ExplainerTest {

  private static final String STRANGER = FakeRequest.STRANGER;

  private final Gate gate =
      gate()
          .withExApp(
              "app",
              publicRoute("^/public/"),
              userRoute("^/api/.*", 401),
              adminRoute("^/(settings|api)/"));

  private Future<Upstream> located = Future.succeededFuture(new NeverConnected());

  private Explanation why(String url, String as) {
    return new Explainer(gate.gatekeeper, this::upstreams)
        .explain(Supposition.of("GET", url, as, STRANGER), Runnable::run)
        .result();
  }

  private Upstreams upstreams(Instance whose) {
    assertThat(gate.gatekeeper.instances().all()).containsExactly(whose);
    return exApp -> located;
  }

  private static Map<String, String> steps(Explanation explanation) {
    return explanation.steps().stream()
        .collect(Collectors.toMap(Explanation.Step::what, Explanation.Step::seen, (a, b) -> b));
  }

  @Test
  void saysRowByRowWhyARequestIsForwarded() {
    var explanation = why("https://cloud.example.com/exapps/app/api/x?q=1", "alice");

    assertThat(explanation.verdict().reason()).isEqualTo(Reason.ROUTE_ALLOWED);
    assertThat(explanation.steps())
        .extracting(step -> step.what() + ": " + step.seen())
        .containsExactly(
            "client: 203.0.113.7",
            "ban list 'users': not banned",
            "path: /api/x of ExApp 'app'",
            "ExApp 'app': 2.1.0 at 127.0.0.1:23000, 3 routes",
            "spellings of the path: one",
            "route ^/public/ for PUBLIC: not compared: it begins in another way, or comes later",
            "route ^/api/.* for USER: matches /api/x",
            "route ^/(settings|api)/ for ADMIN: matches /api/x",
            "user: alice, level USER",
            "decision: forward, ROUTE_ALLOWED",
            "upstream: tcp://10.0.0.7:23000");
  }

  @Test
  void saysWhatTheExAppWouldBeSentAndNoSecret() {
    var headers = why("https://cloud.example.com/exapps/app/api/x", "alice").headers();

    assertThat(headers)
        .contains(
            "ex-app-id: app",
            "ex-app-version: 2.1.0",
            "host: cloud.example.com",
            "x-request-id: (new for each request)",
            "authorization-app-api: (Base64 of the user 'alice', a colon and the ExApp's secret)");
    assertThat(String.join("\n", headers)).doesNotContain("SECRET", "YWxpY2U", "cookie");
  }

  @ParameterizedTest
  @CsvSource({
    "/exapps/app/settings/,     alice,     LEVEL_TOO_LOW,     403",
    "/exapps/app/settings/,     anonymous, LEVEL_TOO_LOW,     403",
    "/exapps/app/settings/,     admin,     ROUTE_ALLOWED,     0",
    "/exapps/app/nothing,       alice,     NO_ROUTE,          404",
    "/exapps/app/heartbeat,     alice,     INTERNAL_ENDPOINT, 0",
    "/exapps/app/heartbeat,     appapi,    SIGNED_REQUEST,    0",
    "/exapps/app/%2e%2e/x,      alice,     PARENT_SEGMENT,    0",
    "/exapps/other/x,           alice,     UNKNOWN_EXAPP,     404",
    "/exapps/other/x,           appapi,    UNKNOWN_EXAPP,     404",
    "/apps/files,               alice,     NOT_AN_EXAPP_PATH, 404",
    "/exapps/app_api/info,      alice,     WRONG_KEY_FOR_ORDER, 401",
    "/exapps/app_api/info,      appapi,    ORDER,             0",
  })
  void decidesAsTheGatekeeperDoes(String path, String as, Reason reason, int status) {
    var verdict = why(path, as).verdict();

    assertThat(verdict.reason()).isEqualTo(reason);
    assertThat(verdict.reason().status()).isEqualTo(status);
  }

  @Test
  void countsAgainstNobodyHoweverOftenItIsAsked() {
    for (int i = 0; i < 2 * Gate.BAN_COUNT; i++) {
      assertThat(why("/exapps/app/nothing", "anonymous").verdict().counted()).isTrue();
      why("/exapps/app_api/info", "anonymous");
      why("/exapps/app/../x", "anonymous");
    }

    assertThat(gate.bans.all()).allMatch(list -> list.entries().isEmpty());
  }

  @Test
  void asksNextcloudForTheRecordAndNotForTheUser() {
    why("/exapps/app/api/x", "alice");

    assertThat(gate.nextcloud.userQuestions()).isEmpty();
  }

  @Test
  void seesWhoIsBanned() {
    gate.repeat(Gate.BAN_COUNT, FakeRequest.get("/exapps/app/nothing"));

    var explanation = why("/exapps/app/public/x", "anonymous");

    assertThat(explanation.verdict().reason()).isEqualTo(Reason.BANNED);
    assertThat(explanation.steps()).hasSize(3);
    assertThat(steps(explanation))
        .containsEntry("ban list 'users'", "banned for 300 s more")
        .containsEntry("decision", "drop, BANNED");
    assertThat(why("/exapps/app/public/x", "appapi").verdict().reason())
        .isEqualTo(Reason.SIGNED_REQUEST);
  }

  @Test
  void warnsOfTheFailureThatBans() {
    gate.repeat(Gate.BAN_COUNT - 1, FakeRequest.get("/exapps/app/nothing"));

    assertThat(steps(why("/exapps/app/public/x", "anonymous")))
        .containsEntry("ban list 'users'", "not banned, but with one failure more");
  }

  @Test
  void namesTheOtherSpellingsOfAPath() {
    assertThat(steps(why("/exapps/app/API/x%2fy", "alice")).get("spellings of the path"))
        .startsWith("judged as these, too: ")
        .contains("/API/x/y", "/api/x/y");
  }

  @Test
  void saysThatThereIsNoWayToTheExApp() {
    located = Future.failedFuture(new HarpException(HarpException.Code.UNREACHABLE, "no tunnel"));

    assertThat(steps(why("/exapps/app/api/x", "alice")))
        .containsEntry("upstream", "none: no tunnel");
  }

  @Test
  void anOutageOfNextcloudIsToldAsSuch() {
    gate.nextcloud.failWith(HarpException.Code.UNREACHABLE);

    assertThat(why("/exapps/late/x", "alice").verdict().reason()).isEqualTo(Reason.LOOKUP_FAILED);
    assertThat(why("/exapps/late/x", "appapi").verdict().reason()).isEqualTo(Reason.LOOKUP_FAILED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "exapps/app", "https://a b/x", "ftp://cloud/exapps/", "/exapps/a b"})
  void whatIsNoAddressIsToldAsSuch(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> why(url, "alice"))
        .withMessageContaining("found '" + url + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://cloud.example.com", "//cloud/x", "/exapps/?a", "/x#/exapps/"})
  void anyPathMayBeAskedAbout(String url) {
    assertThat(why(url, "alice").verdict().reason()).isEqualTo(Reason.NOT_AN_EXAPP_PATH);
  }

  @ParameterizedTest
  @CsvSource({"G T, alice, 127.0.0.1", "GET, a:b, 127.0.0.1", "GET, ' ', ::1", "GET, alice, cloud"})
  void whatNobodyCanBeIsToldAsSuch(String method, String as, String from) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Supposition.of(method, "/exapps/app/", as, from))
        .withMessageContaining("found ");
  }

  @Test
  void aThousandRoutesAreNotAllTold() {
    gate.withExApp(
        "long",
        IntStream.range(0, 1_000)
            .mapToObj(it -> publicRoute("^/x" + it))
            .toArray(ExAppRoute[]::new));

    var explanation = why("/exapps/long/y", "alice");

    assertThat(explanation.steps()).hasSizeLessThan(120);
    assertThat(steps(explanation)).containsEntry("routes", "900 more");
  }

  /** Nothing is sent to an ExApp. */
  private record NeverConnected() implements Upstream {

    @Override
    public Future<Channel> connect(EventLoop loop) {
      throw new AssertionError("connected");
    }

    @Override
    public String toString() {
      return "tcp://10.0.0.7:23000";
    }
  }
}
