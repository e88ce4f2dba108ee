// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** The tables of transitions in the documentation of the legs. */
class LegStatesTest {

  @Test
  void aRequestGoesOneWayOrBeginsAgain() {
    assertThat(transitions(RequestLeg.State.values(), RequestLeg.State::mayBecome))
        .containsExactlyInAnyOrder(
            "HELD HEAD",
            "HEAD BODY",
            "HEAD SENT",
            "BODY SENT",
            "HEAD HELD",
            "SENT HELD",
            "HELD DROPPED",
            "HEAD DROPPED",
            "BODY DROPPED",
            "SENT DROPPED",
            "DROPPED DROPPED");
  }

  @Test
  void anAnswerGoesOneWayAfterItsInterimOnes() {
    assertThat(transitions(AnswerLeg.State.values(), AnswerLeg.State::mayBecome))
        .containsExactlyInAnyOrder(
            "AWAITED INTERIM",
            "INTERIM AWAITED",
            "AWAITED SWITCHING",
            "AWAITED BODY",
            "BODY ENDED");
  }

  private static <S> List<String> transitions(S[] states, BiPredicate<S, S> mayBecome) {
    return Arrays.stream(states)
        .flatMap(
            from ->
                Arrays.stream(states)
                    .filter(to -> mayBecome.test(from, to))
                    .map(to -> from + " " + to))
        .toList();
  }
}
