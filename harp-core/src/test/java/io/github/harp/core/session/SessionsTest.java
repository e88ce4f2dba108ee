// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

import static io.github.harp.core.testing.FakeRequest.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionsTest {
  private static final NcUser ALICE = new NcUser("alice", AccessLevel.USER);

  private final FakeNextcloud nextcloud = new FakeNextcloud().withSession("alice", ALICE);
  private final ManualTicker ticker = new ManualTicker();
  private final Sessions sessions = new Sessions(nextcloud, Duration.ofSeconds(3), ticker);

  private Optional<NcUser> whoSends(FakeRequest request) {
    return sessions.whoSends(request, "app").result();
  }

  private static FakeRequest withCookies(String... lines) {
    var request = get("/");
    for (var line : lines) {
      request.header("cookie", line);
    }
    return request;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oc_sessionid=alice",
        "oc_sessionPassphrase=",
        "oc_sessionPassphrase= ",
        "OC_sessionPassphrase=alice",
        "xoc_sessionPassphrase=alice",
        "oc_sessionPassphrase2=alice",
        "oc_sessionPassphrase=alice; oc_sessionPassphrase="
      })
  void whoHasNoPassphraseIsAnonymousWithoutAQuestion(String cookies) {
    assertThat(whoSends(withCookies(cookies))).contains(NcUser.ANONYMOUS);
    assertThat(nextcloud.userQuestions()).isEmpty();
  }

  @Test
  void aPassphraseIsFoundOnAnyLine() {
    assertThat(whoSends(withCookies("a=1;oc_sessionPassphrase=alice", "b=2"))).contains(ALICE);
    assertThat(whoSends(withCookies("b=2", "a=1; oc_sessionPassphrase=alice"))).contains(ALICE);
  }

  @Test
  void anAnswerIsKeptForItsLifetime() {
    whoSends(get("/").session("alice"));
    ticker.advance(Duration.ofMillis(2_999));
    whoSends(get("/").session("alice"));
    assertThat(nextcloud.userQuestions()).hasSize(1);

    ticker.advance(Duration.ofMillis(2));
    whoSends(get("/").session("alice"));
    assertThat(nextcloud.userQuestions()).hasSize(2);
  }

  @Test
  void countsWhoWasKnownAndWhoHadToBeAskedAbout() {
    whoSends(get("/").session("alice"));
    whoSends(get("/").session("alice"));
    whoSends(get("/").session("alice"));
    whoSends(get("/"));

    assertThat(sessions.stats().hitCount()).isEqualTo(2);
    assertThat(sessions.stats().missCount()).isOne();
  }

  @Test
  void anAnonymousAnswerIsKeptToo() {
    whoSends(get("/").session("expired"));

    assertThat(whoSends(get("/").session("expired"))).contains(NcUser.ANONYMOUS);
    assertThat(nextcloud.userQuestions()).hasSize(1);
  }

  @Test
  void aLifetimeOfZeroKeepsNothing() {
    var none = new Sessions(nextcloud, Duration.ZERO, ticker);

    none.whoSends(get("/").session("alice"), "app");
    none.whoSends(get("/").session("alice"), "app");

    assertThat(nextcloud.userQuestions()).hasSize(2);
  }

  @Test
  void anAnswerAboutAuthorizationAloneIsNotKept() {
    whoSends(get("/").header("authorization", "Basic alice"));
    whoSends(get("/").header("authorization", "Basic alice"));

    assertThat(nextcloud.userQuestions()).hasSize(2);
  }

  @Test
  void theAnswerDoesNotDependOnTheExApp() {
    sessions.whoSends(get("/").session("alice"), "one");
    sessions.whoSends(get("/").session("alice"), "other");

    assertThat(nextcloud.userQuestions()).containsExactly("one");
  }

  @Test
  void failuresAreNotKept() {
    nextcloud.failWith(HarpException.Code.TIMED_OUT);
    assertThat(sessions.whoSends(get("/").session("alice"), "app").failed()).isTrue();

    nextcloud.recover();
    assertThat(whoSends(get("/").session("alice"))).contains(ALICE);
  }

  @Test
  void equalCallersShareAQuestionAndOthersDoNot() {
    nextcloud.hold();
    var first = sessions.whoSends(get("/").session("alice"), "app");
    var second = sessions.whoSends(get("/").session("alice"), "app");
    var other = sessions.whoSends(get("/").session("bob"), "app");
    nextcloud.release();

    assertThat(nextcloud.userQuestions()).hasSize(2);
    assertThat(first.result()).isEqualTo(second.result()).contains(ALICE);
    assertThat(other.result()).contains(NcUser.ANONYMOUS);
  }

  @Test
  @DisplayName("W10: headers can't be split differently to the same key")
  void w10_headersCantBeSplitDifferently() {
    whoSends(withCookies("oc_sessionPassphrase=alice", "x"));
    whoSends(withCookies("oc_sessionPassphrase=alicex"));
    whoSends(withCookies("oc_sessionPassphrase=alice").header("authorization", "x"));

    assertThat(nextcloud.userQuestions()).hasSize(3);
  }

  @Test
  @DisplayName("W11: who waits for Nextcloud is bounded")
  void w11_waitingIsBounded() {
    nextcloud.hold();
    for (var i = 0; i < 4_096; i++) {
      sessions.whoSends(get("/").session("s" + i), "app");
    }

    var refused = sessions.whoSends(get("/").session("one too many"), "app");

    assertThat(refused.cause())
        .isInstanceOfSatisfying(
            HarpException.class, it -> assertThat(it.code()).isEqualTo(HarpException.Code.BUSY));
    assertThat(nextcloud.userQuestions()).hasSize(4_096);
  }
}
