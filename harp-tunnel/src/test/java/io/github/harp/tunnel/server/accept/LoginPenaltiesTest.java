// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LoginPenaltiesTest {

  private final LoginPenalties penalties = new LoginPenalties();

  @Test
  void eachWrongLoginMakesTheNextAnswerLater() throws Exception {
    Subscriber guesser = subscriber("203.0.113.7");

    assertThat(penalties.afterFailure(guesser, 0)).isEqualTo(Duration.ofMillis(250));
    assertThat(penalties.afterFailure(guesser, 1)).isEqualTo(Duration.ofMillis(500));
    for (int i = 0; i < 100; i++) {
      penalties.afterFailure(guesser, 2);
    }
    assertThat(penalties.afterFailure(guesser, 3)).isEqualTo(Duration.ofSeconds(3));
    assertThat(penalties.afterFailure(subscriber("203.0.113.8"), 3))
        .isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void isForgivenAfterFiveMinutes() throws Exception {
    Subscriber guesser = subscriber("203.0.113.7");
    penalties.afterFailure(guesser, 0);

    assertThat(penalties.afterFailure(guesser, Duration.ofMinutes(6).toNanos()))
        .isEqualTo(Duration.ofMillis(250));
  }

  @Test
  @DisplayName("S13: wrong logins of many addresses make the answers to all of them later")
  void s13_manyGuessersSlowDownEachOther() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      penalties.afterFailure(subscriber("10.0." + i / 250 + "." + i % 250), 0);
    }

    assertThat(penalties.afterFailure(subscriber("203.0.113.7"), 1))
        .isEqualTo(Duration.ofSeconds(3));
    assertThat(penalties.afterFailure(subscriber("203.0.113.8"), Duration.ofMinutes(2).toNanos()))
        .as("when they have been quiet for a while")
        .isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void theAddressThatWasQuietLongestIsForgottenForTheTenThousandAndFirst() throws Exception {
    Subscriber guesser = subscriber("203.0.113.7");
    for (int i = 0; i < 12; i++) {
      penalties.afterFailure(guesser, 0);
    }
    for (int i = 0; i < 10_000; i++) {
      penalties.afterFailure(subscriber("10.0." + i / 250 + "." + i % 250), 0);
    }

    assertThat(penalties.afterFailure(guesser, Duration.ofMinutes(2).toNanos()))
        .isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void clientsOfAnAddressMayGuessAHundredTimesAndThenTwiceASecond() throws Exception {
    Subscriber guesser = subscriber("203.0.113.7");
    for (int i = 0; i < 100; i++) {
      penalties.afterFailure(guesser, i);
      assertThat(penalties.mayGuessAgain(guesser, i)).isTrue();
    }

    assertThat(penalties.mayGuessAgain(guesser, 100)).isFalse();
    assertThat(penalties.mayGuessAgain(subscriber("203.0.113.8"), 100)).isTrue();
    long later = Duration.ofMillis(1_001).toNanos();
    assertThat(penalties.mayGuessAgain(guesser, later)).isTrue();
    assertThat(penalties.mayGuessAgain(guesser, later)).isTrue();
    assertThat(penalties.mayGuessAgain(guesser, later)).isFalse();
  }

  private static Subscriber subscriber(String address) throws UnknownHostException {
    return Subscriber.of(InetAddress.getByName(address));
  }
}
