// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

import static io.github.harp.core.testing.FakeRequest.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.ManualTicker;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionsTest {
  private static final NcUser ALICE = new NcUser("alice", AccessLevel.USER);

  private static final InetAddress PEER = FakeRequest.address(FakeRequest.STRANGER);

  private final FakeNextcloud nextcloud = new FakeNextcloud().withSession("alice", ALICE);
  private final ManualTicker ticker = new ManualTicker();
  private final Sessions sessions = new Sessions(nextcloud, Duration.ofSeconds(3), ticker);

  private Optional<NcUser> whoSends(FakeRequest request) {
    return asked(request).result();
  }

  private Future<Optional<NcUser>> asked(FakeRequest request) {
    return sessions.whoSends(request, new AppId("app"), request.peer());
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

    none.whoSends(get("/").session("alice"), new AppId("app"), PEER);
    none.whoSends(get("/").session("alice"), new AppId("app"), PEER);

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
    sessions.whoSends(get("/").session("alice"), new AppId("one"), PEER);
    sessions.whoSends(get("/").session("alice"), new AppId("other"), PEER);

    assertThat(nextcloud.userQuestions()).containsExactly("one");
  }

  @Test
  void failuresAreNotKept() {
    nextcloud.failWith(HarpException.Code.TIMED_OUT);
    assertThat(asked(get("/").session("alice")).failed()).isTrue();

    nextcloud.recover();
    assertThat(whoSends(get("/").session("alice"))).contains(ALICE);
  }

  @Test
  void equalCallersShareAQuestionAndOthersDoNot() {
    nextcloud.hold();
    var first = asked(get("/").session("alice"));
    var second = asked(get("/").session("alice"));
    var other = asked(get("/").session("bob"));
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

  private static FakeRequest stranger(int number) {
    return get("/").session("s" + number).from("10.1." + number / 250 + "." + number % 250);
  }

  private static boolean isBusy(Future<?> answer) {
    return answer.failed()
        && answer.cause() instanceof HarpException failure
        && failure.code() == HarpException.Code.BUSY;
  }

  @Test
  @DisplayName("W11: who waits for Nextcloud is bounded")
  void w11_waitingIsBounded() {
    nextcloud.hold();
    var most = Questions.OF_STRANGERS_AT_ONCE + Questions.WAITING;
    for (var i = 0; i < most; i++) {
      assertThat(asked(stranger(i)).isComplete()).isFalse();
    }

    assertThat(isBusy(asked(stranger(most)))).isTrue();
    assertThat(asked(stranger(0)).isComplete()).isFalse();
    assertThat(nextcloud.userQuestions()).hasSize(Questions.OF_STRANGERS_AT_ONCE);
  }

  @Test
  @DisplayName("W11: a flood of random sessions leaves no more than the bound behind")
  void w11_theCacheIsBounded() {
    for (var round = 0; round < 2; round++) {
      for (var i = 0; i < Sessions.MAX_KEPT + 2_000; i++) {
        whoSends(get("/").session("random" + i));
      }
    }

    assertThat(sessions.stats().hitCount()).isBetween(1L, (long) Sessions.MAX_KEPT);
  }

  @Test
  @DisplayName("S8: strangers of one address fill a few places, and nobody else waits for them")
  void s8_strangersOfOneAddressFillAFewPlaces() {
    nextcloud.hold();
    for (var i = 0; i < Questions.OF_ONE_ADDRESS; i++) {
      assertThat(asked(get("/").session("random" + i)).isComplete()).isFalse();
    }

    assertThat(isBusy(asked(get("/").session("one too many")))).isTrue();
    assertThat(asked(get("/").session("random0")).isComplete()).isFalse();
    assertThat(asked(get("/").session("elsewhere").from("198.51.100.9")).isComplete()).isFalse();

    nextcloud.release();
    assertThat(asked(get("/").session("later")).succeeded()).isTrue();
    assertThat(nextcloud.userQuestions()).hasSize(Questions.OF_ONE_ADDRESS + 2);
  }

  @Test
  @DisplayName("S8: an address of IPv6 is its network")
  void s8_anAddressOfIpv6IsItsNetwork() {
    nextcloud.hold();
    for (var i = 0; i < Questions.OF_ONE_ADDRESS; i++) {
      asked(get("/").session("random" + i).from("2001:db8::" + (i + 1)));
    }

    assertThat(isBusy(asked(get("/").session("x").from("2001:db8::ffff")))).isTrue();
  }

  @Test
  @DisplayName("S8: who was known a moment ago overtakes strangers, from the same address as well")
  void s8_whoWasKnownOvertakesStrangers() {
    whoSends(get("/").session("alice"));
    ticker.advance(Duration.ofMinutes(1));
    nextcloud.hold();
    var strangers = IntStream.range(0, 500).mapToObj(i -> asked(stranger(i))).toList();
    for (var i = 0; i < Questions.OF_ONE_ADDRESS; i++) {
      asked(get("/").session("random" + i));
    }

    var alice = asked(get("/").session("alice"));

    // She is asked about at once, before those who came before her.
    assertThat(nextcloud.userQuestions()).hasSize(1 + Questions.OF_STRANGERS_AT_ONCE + 1);
    nextcloud.release();
    assertThat(alice.result()).contains(ALICE);
    assertThat(strangers).allMatch(Future::succeeded);
  }

  @Test
  @DisplayName("S8: when all places are taken the last stranger makes room for who was known")
  void s8_theLastStrangerMakesRoom() {
    for (var i = 0; i <= Questions.AT_ONCE; i++) {
      nextcloud.withSession("user" + i + "!", ALICE);
      whoSends(get("/").session("user" + i + "!"));
    }
    ticker.advance(Duration.ofMinutes(1));
    nextcloud.hold();
    var strangers =
        IntStream.range(0, Questions.OF_STRANGERS_AT_ONCE + Questions.WAITING)
            .mapToObj(i -> asked(stranger(i)))
            .toList();

    for (var i = 0; i <= Questions.AT_ONCE; i++) {
      assertThat(asked(get("/").session("user" + i + "!")).failed()).isFalse();
    }

    assertThat(isBusy(strangers.get(strangers.size() - 1))).isTrue();
    assertThat(strangers.get(0).isComplete()).isFalse();
  }

  @Test
  @DisplayName("S8: who has waited too long is not asked about: nobody is there for the answer")
  void s8_whoHasWaitedTooLongIsNotAskedAbout() {
    nextcloud.hold();
    for (var i = 0; i < Questions.OF_STRANGERS_AT_ONCE; i++) {
      asked(stranger(i));
    }
    var late = asked(stranger(Questions.OF_STRANGERS_AT_ONCE));
    ticker.advance(Questions.LONGEST_WAIT.plusSeconds(1));

    nextcloud.release();

    assertThat(isBusy(late)).isTrue();
    assertThat(nextcloud.userQuestions()).hasSize(Questions.OF_STRANGERS_AT_ONCE);
    assertThat(asked(stranger(1_000)).succeeded()).isTrue();
  }
}
