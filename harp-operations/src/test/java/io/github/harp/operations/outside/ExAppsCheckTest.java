// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.ExApp;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.operations.TestNextclouds;
import io.github.harp.operations.Way;
import io.github.harp.operations.observe.FinishedRequests;
import io.github.harp.operations.observe.RecentRequests;
import io.github.harp.proxy.RequestRecord.Failure;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExAppsCheckTest {

  private final AnsweringServer frontDoor = new AnsweringServer();
  private final RecentRequests recent = new RecentRequests(Clock.systemUTC());

  @AfterEach
  void close() {
    frontDoor.close();
  }

  @ParameterizedTest
  @DisplayName("F10: an open tunnel with nothing behind it is told from a tunnel that is not open")
  @ValueSource(ints = {502, 503, 504})
  void f10_anOpenTunnelWithNothingBehindItIsToldFromOneThatIsNotOpen(int status) {
    frontDoor.on("/exapps/demo/heartbeat", status, "");

    var open = examine("127.0.0.1", Way.TUNNEL);
    assertThat(open.severity()).isEqualTo(Severity.FAILURE);
    assertThat(open.seen())
        .contains("demo", "the tunnel is open, the application behind it does not answer");
    assertThat(open.remedy()).contains("docker logs nc_app_demo");
    assertThat(open.meaning()).doesNotContain("front door");

    assertThat(examine("127.0.0.1", Way.TUNNEL_AWAY).seen()).contains("its tunnel is not open");
  }

  @Test
  @DisplayName("F10: an application that hangs is not our front door's fault")
  void f10_anApplicationThatHangsIsNotOurFrontDoorsFault() {
    frontDoor.whenAsked(
        path -> {
          throw new IllegalStateException("the connection ends without an answer");
        });
    assertThat(examine("127.0.0.1", Way.TUNNEL).meaning()).contains("front door");

    var silent =
        check("127.0.0.1", Way.TUNNEL)
            .judge(
                exApp("127.0.0.1"),
                new HttpProbe.Silence(HttpProbe.Trouble.TIMEOUT, "no answer within 10 s"));
    assertThat(silent.seen()).contains("the application behind it does not answer");
    assertThat(silent.meaning()).doesNotContain("front door");
  }

  @Test
  @DisplayName("F10: those that do not answer are waited for together")
  void f10_thoseThatDoNotAnswerAreWaitedForTogether() throws Exception {
    var all = new CyclicBarrier(HttpProbe.MAX_AT_ONCE);
    var many = many(2 * HttpProbe.MAX_AT_ONCE);
    many.forEach(exApp -> frontDoor.on("/exapps/" + exApp.id() + "/heartbeat", 503, ""));
    frontDoor.whenAsked(path -> meet(all));

    var findings = check(many, Way.TUNNEL).examine().toList();

    assertThat(findings)
        .hasSize(many.size())
        .allSatisfy(
            finding -> assertThat(finding.seen()).contains("does not answer: HaRP answers 503"));
  }

  @Test
  void whyTheGatewayAnswersInItsPlaceIsTold() {
    var failure = new Failure(Failure.Kind.UPSTREAM_GONE, "reset the connection");
    recent.finished(FinishedRequests.of("4fab", "/exapps/demo/heartbeat", null, 502, failure));
    frontDoor.on("/exapps/demo/heartbeat", 502, "", Map.of("X-Request-Id", "4fab"));

    assertThat(examine("127.0.0.1", Way.TUNNEL).seen())
        .endsWith("HaRP answers 502 for it (UPSTREAM_GONE: reset the connection)");
  }

  private static List<ExApp> many(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> TestExApp.at("127.0.0.1", 23000, "demo" + i, "secret"))
        .toList();
  }

  private static void meet(CyclicBarrier all) {
    try {
      all.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("asked one after another", e);
    }
  }

  @Test
  void howManyAreNotExaminedIsTold() {
    var many = many(53);

    var findings = check(many, Way.TUNNEL).examine().toList();

    assertThat(findings).hasSize(51);
    assertThat(findings.get(50).seen()).isEqualTo("3 more are known");
  }

  @Test
  @DisplayName("F13: what was registered by hand on the port of its own tunnel is explained")
  void f13_whatWasRegisteredByHandOnThePortOfItsOwnTunnelIsExplained() {
    frontDoor.on("/exapps/demo/heartbeat", 503, "");

    assertThat(examine("127.0.0.1", Way.TUNNEL_AWAY).remedy())
        .contains(
            "registered by hand", "the line of port 23000", TestNextclouds.TUNNEL_PORTS.toString());
    assertThat(examine("127.0.0.1", Way.DIRECT).remedy())
        .contains("registered by hand", "listen on port 23000");
    assertThat(examine("nc_app_demo", Way.DIRECT).remedy()).contains("share a network with HaRP");
  }

  @Test
  @DisplayName("S5: a port that another's token holds is explained")
  void s5_aPortThatAnothersTokenHoldsIsExplained() {
    frontDoor.on("/exapps/demo/heartbeat", 503, "");

    assertThat(examine("127.0.0.1", Way.TUNNEL_OF_ANOTHER).seen())
        .contains("the tunnel on port 23000 is another's");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("S5, F10, F13: an ExApp that does not answer does not work, whatever the way to it")
  void silenceIsAFailure(Way way) {
    frontDoor.on("/exapps/demo/heartbeat", 503, "");

    assertThat(examine("127.0.0.1", way).severity()).isEqualTo(Severity.FAILURE);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void anAnswerOfTheApplicationIsTheApplications(Way way) {
    frontDoor.on("/exapps/demo/heartbeat", 500, "");
    assertThat(examine("127.0.0.1", way).seen()).contains("answers its heartbeat with 500");

    frontDoor.on("/exapps/demo/heartbeat", 200, "");
    assertThat(examine("127.0.0.1", way).severity()).isEqualTo(Severity.OK);
  }

  private Finding examine(String host, Way way) {
    return check(host, way).examine().toList().get(0);
  }

  private ExAppsCheck check(String host, Way way) {
    return check(List.of(exApp(host)), way);
  }

  private ExAppsCheck check(List<ExApp> exApps, Way way) {
    return new ExAppsCheck(
        AnsweringServer.probe(), frontDoor.url(), TestNextclouds.served(exApps, way), recent);
  }

  private static ExApp exApp(String host) {
    return TestExApp.at(host, 23000, "demo", "secret");
  }
}
