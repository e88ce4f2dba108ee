// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.STRANGER;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.InstanceName;
import io.github.harp.core.NcUser;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.HostName;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.SeveralInstances;
import io.github.harp.core.instance.SeveralInstances.Hosted;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A gatekeeper of two Nextclouds")
class SeveralNextcloudsTest {
  private static final String KEY_OF_ONE = "the-shared-key-of-one";
  private static final int COUNT = 3;
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final String KEY_OF_TWO = "the-shared-key-of-two";

  private final ManualTicker time = new ManualTicker();
  private final FakeNextcloud first =
      new FakeNextcloud()
          .with(exApp("app", userRoute(".*")))
          .withSession("alice", new NcUser("alice", AccessLevel.USER));
  private final FakeNextcloud second =
      new FakeNextcloud().with(exApp("app", userRoute(".*"))).with(exApp("more", userRoute(".*")));
  private final Bans bans = Bans.of(COUNT, WINDOW, time);
  private final Instance one = Instance.of(SharedKey.of(KEY_OF_ONE), first, bans, time);
  private final Instance two =
      Instance.of(
          SharedKey.of(KEY_OF_TWO),
          second,
          bans.beside(new InstanceName("two"), COUNT, WINDOW, time),
          time);
  private final Bans nobodys = bans.beside(InstanceName.NOBODY, COUNT, WINDOW, time);

  private final Gatekeeper gatekeeper =
      new Gatekeeper(
          new SeveralInstances(
              List.of(hosted(one, "one.example"), hosted(two, "two.example")), nobodys, time),
          ClientAddresses.behind(TrustedProxies.none()));

  private static Hosted hosted(Instance instance, String host) {
    return new Hosted(instance, Set.of(new HostName(host)), false);
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
  @DisplayName("AppAPI asks by HaRP's own name, and for its own ExApps whatever it asks by")
  void aKeySignsForItsOwnNextcloudOnly() {
    var verdict =
        decide(get("/exapps/app/x").signed(KEY_OF_ONE, "eA==").header("host", "two.example"));

    assertThat(verdict).isForwardedTo("app", "/x");
    assertThat(verdict.instance()).isSameAs(one);
    assertThat(second.exAppQuestions()).isEmpty();
  }

  @Test
  void aKeyThatIsNobodysCountsAgainstItsSenderWhateverTheHost() {
    for (var host : List.of("one.example", "two.example", "three.example")) {
      assertThat(decide(get("/exapps/app/x").signed("guess", "eA==").header("host", host)))
          .isDropped(Reason.WRONG_KEY_IN_SIGNED_REQUEST)
          .countsAgainst(STRANGER);
    }
  }

  @Test
  void guessesOfKeysForOrdersAreCountedTogether() {
    var guess = get("/exapps/app_api/info").key("guess");
    for (var i = 0; i < COUNT; i++) {
      decide(guess.header("host", i % 2 == 0 ? "one.example" : "three.example"));
    }

    assertThat(decide(guess.header("host", "two.example"))).isDropped(Reason.BANNED);
  }

  @Test
  void whoIsBannedByOneMayAskTheOther() {
    for (var i = 0; i < COUNT; i++) {
      decide(get("/exapps/nothing/x").header("host", "two.example"));
    }

    assertThat(decide(get("/exapps/more/x").header("host", "two.example")))
        .isDropped(Reason.BANNED);
    assertThat(decide(get("/exapps/more/x").header("host", "one.example")))
        .isRefused(404, Reason.UNKNOWN_EXAPP);
  }

  @Test
  void aHostThatIsNobodysIsRefusedAndCountsAgainstNobody() {
    assertThat(decide(get("/exapps/app/x").header("host", "three.example")))
        .isRefused(421, Reason.UNKNOWN_HOST)
        .isNotCounted();
    assertThat(decide(get("/exapps/app/x"))).isRefused(421, Reason.UNKNOWN_HOST);
    assertThat(first.exAppQuestions()).isEmpty();
    assertThat(second.exAppQuestions()).isEmpty();
  }

  private Verdict decide(FakeRequest request) {
    return gatekeeper.decide(request, Runnable::run).result();
  }
}
