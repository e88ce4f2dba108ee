// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of transitions in the documentation of the states. */
class Http1StateTest {

  @ParameterizedTest
  @CsvSource({
    "OPEN,     OPEN DRAINING FULL",
    "DRAINING, OPEN",
    "FULL,     OPEN DRAINING",
    "CLOSING,  OPEN DRAINING FULL",
    "UPGRADED, OPEN",
    "CLOSED,   OPEN DRAINING FULL CLOSING UPGRADED CLOSED",
  })
  void aStateComesAfterSome(Http1State state, String before) {
    var expected = EnumSet.noneOf(Http1State.class);
    Arrays.stream(before.split(" ")).map(Http1State::valueOf).forEach(expected::add);
    for (var from : Http1State.values()) {
      assertThat(from.mayBecome(state)).as("from %s", from).isEqualTo(expected.contains(from));
    }
  }
}
