// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.BAN_COUNT;
import static io.github.harp.core.testing.Gate.KEY;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.publicRoute;

import io.github.harp.core.decision.Reason;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.Gate;
import org.junit.jupiter.api.Test;

class CountedAnswersTest {
  private static final FakeRequest LOGIN = get("/exapps/app/login");

  private final Gate gate =
      gate().withExApp("app", publicRoute("^/login", 401, 101), publicRoute(".*"));

  private void answer(int times, int status, FakeRequest request) {
    for (var i = 0; i < times; i++) {
      gate.answered(request, status);
    }
  }

  @Test
  void answersThatTheRouteNamesBanTheClient() {
    answer(BAN_COUNT, 401, LOGIN);

    assertThat(gate.decide(LOGIN)).isDropped(Reason.BANNED);
  }

  @Test
  void otherAnswersDoNotCount() {
    answer(BAN_COUNT, 200, LOGIN);
    answer(BAN_COUNT, 403, LOGIN);

    assertThat(gate.decide(LOGIN)).isForwardedTo("app", "/login");
  }

  @Test
  void successDoesNotResetTheCounter() {
    answer(BAN_COUNT - 1, 401, LOGIN);
    answer(BAN_COUNT, 200, LOGIN);
    answer(1, 101, LOGIN);

    assertThat(gate.decide(LOGIN)).isDropped(Reason.BANNED);
  }

  @Test
  void answersOfOtherRoutesDoNotCount() {
    answer(BAN_COUNT, 401, get("/exapps/app/other"));

    assertThat(gate.decide(LOGIN)).isForwardedTo("app", "/login");
  }

  @Test
  void answersToSignedRequestsDoNotCount() {
    answer(BAN_COUNT, 401, get("/exapps/app/login").signed(KEY, "c2lnbmVk"));

    assertThat(gate.decide(LOGIN)).isForwardedTo("app", "/login");
  }
}
