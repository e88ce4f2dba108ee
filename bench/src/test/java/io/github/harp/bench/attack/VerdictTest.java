// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictTest {

  @Test
  void oneWhoWaitsForMoreThanASecondIsAFault() {
    assertThat(verdict(1000, Map.of(), true, 1000).isFault()).isFalse();
    assertThat(verdict(1001, Map.of(), true, 3).isFault()).isTrue();
    assertThat(verdict(3, Map.of(), true, 1001).isFault()).isTrue();
  }

  @Test
  void aProcessThatEndedIsOne() {
    assertThat(verdict(3, Map.of(), false, 3).isFault()).isTrue();
  }

  @Test
  void oneWaitOfTwoIsForgivenAndAProcessThatEndedIsNot() {
    var fine = verdict(3, Map.of(), true, 3);
    var slow = verdict(1001, Map.of(), true, 3);
    var ended = verdict(3, Map.of(), false, 3);
    assertThat(endures(slow, fine)).isTrue();
    assertThat(endures(slow, slow)).isFalse();
    assertThat(endures(ended, fine)).isFalse();
  }

  private static boolean endures(Verdict first, Verdict second) {
    var verdicts = List.of(first, second).iterator();
    return Besieged.endures(name -> verdicts.next(), List.of("x"), line -> {});
  }

  @Test
  void moreThanOneOfAHundredRefusedIsOne() {
    assertThat(verdict(3, Map.of("503", 1, "closed", 1), true, 3).isFault()).isFalse();
    assertThat(verdict(3, Map.of("503", 2, "closed", 1), true, 3).isFault()).isTrue();
  }

  @Test
  void itsLineHasAsManyColumnsAsTheHead() {
    assertThat(columns(verdict(3, Map.of(), true, 3).line()))
        .isEqualTo(columns(Verdict.HEAD.lines().findFirst().orElseThrow()));
  }

  private static long columns(String line) {
    return line.chars().filter(each -> each == '|').count();
  }

  private static Verdict verdict(
      double worst, Map<String, Integer> refusals, boolean isAlive, double back) {
    return new Verdict("x", 2, worst, 1, 200, refusals, 2048, 0.5, isAlive, back, 0.1, "1 opened");
  }
}
