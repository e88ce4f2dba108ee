// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.STRANGER;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.Instance;
import io.github.harp.core.Instances;
import io.github.harp.core.NcUser;
import io.github.harp.core.RequestHead;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A gatekeeper of two Nextclouds")
class SeveralNextcloudsTest {
  private static final String KEY_OF_ONE = "the-shared-key-of-one";
  private static final String KEY_OF_TWO = "the-shared-key-of-two";

  private final ManualTicker time = new ManualTicker();
  private final FakeNextcloud first =
      new FakeNextcloud()
          .with(exApp("app", userRoute(".*")))
          .withSession("alice", new NcUser("alice", AccessLevel.USER));
  private final FakeNextcloud second =
      new FakeNextcloud().with(exApp("app", userRoute(".*"))).with(exApp("more", userRoute(".*")));
  private final Instance one = Instance.of(SharedKey.of(KEY_OF_ONE), first, time);
  private final Instance two = Instance.of(SharedKey.of(KEY_OF_TWO), second, time);
  private final Gatekeeper gatekeeper =
      new Gatekeeper(
          new OneAndTwo(),
          ClientAddresses.behind(TrustedProxies.none()),
          Bans.of(10, Duration.ofMinutes(5), time));

  /** As the contract of {@link Instances} says. */
  private final class OneAndTwo implements Instances {
    @Override
    public Instance of(RequestHead request) {
      if (request.path().startsWith("/exapps/app_api/")) {
        return two.key().matches(request.header("harp-shared-key")) ? two : one;
      }
      return "two.example".equals(request.header("host")) ? two : one;
    }

    @Override
    public List<Instance> all() {
      return List.of(one, two);
    }
  }

  @Test
  void aHostHasItsOwnExApps() {
    assertThat(decide(get("/exapps/more/x").header("host", "one.example")))
        .isRefused(404, Reason.UNKNOWN_EXAPP);
    assertThat(decide(get("/exapps/more/x").header("host", "two.example")))
        .isRefused(403, Reason.LEVEL_TOO_LOW);
    assertThat(second.exAppQuestions()).hasSize(1);
  }

  @Test
  void aUserOfOneIsNobodyToTheOther() {
    var verdict = decide(get("/exapps/app/x").session("alice").header("host", "one.example"));
    assertThat(verdict).isForwardedTo("app", "/x");
    assertThat(verdict.instance()).isSameAs(one);

    assertThat(decide(get("/exapps/app/x").session("alice").header("host", "two.example")))
        .isRefused(403, Reason.LEVEL_TOO_LOW);
  }

  @Test
  void anOrderIsFromTheNextcloudWhoseKeyItShows() {
    var order = get("/exapps/app_api/info").header("host", "one.example");

    assertThat(decide(order.key(KEY_OF_TWO)).instance()).isSameAs(two);
  }

  @Test
  void theKeyOfOneSignsNothingForTheOther() {
    assertThat(
            decide(get("/exapps/app/x").signed(KEY_OF_ONE, "eA==").header("host", "two.example")))
        .isDropped(Reason.WRONG_KEY_IN_SIGNED_REQUEST)
        .countsAgainst(STRANGER);
  }

  private Verdict decide(FakeRequest request) {
    return gatekeeper.decide(request, Runnable::run).result();
  }
}
