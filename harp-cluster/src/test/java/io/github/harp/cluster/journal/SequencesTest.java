// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import static io.github.harp.cluster.journal.Sequences.Place.AFTER_A_GAP;
import static io.github.harp.cluster.journal.Sequences.Place.NEXT;
import static io.github.harp.cluster.journal.Sequences.Place.READ_BEFORE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SequencesTest {

  private static final String WRITER = "somebody";

  /** More than are remembered. */
  private static final int MANY = 20_000;

  private final Sequences sequences = new Sequences();

  private Sequences.Place read(long follows, long number) {
    return sequences.read(WRITER, follows, number, true);
  }

  @Test
  void oneAfterTheOther() {
    assertThat(read(0, 1)).isEqualTo(NEXT);
    assertThat(read(1, 2)).isEqualTo(NEXT);
    assertThat(read(1, 2)).isEqualTo(READ_BEFORE);
    assertThat(read(0, 1)).isEqualTo(READ_BEFORE);
    assertThat(read(3, 4)).isEqualTo(AFTER_A_GAP);
    assertThat(read(4, 5)).isEqualTo(NEXT);
  }

  @Test
  void whatWasSealedAgainIsReadOnceWhicheverArrives() {
    assertThat(read(0, 1)).isEqualTo(NEXT);
    assertThat(read(0, 3)).as("the same again, when both arrived").isEqualTo(READ_BEFORE);
    assertThat(read(3, 6)).as("where only the last of three arrived").isEqualTo(NEXT);
    assertThat(read(3, 5)).as("and one before it after all").isEqualTo(READ_BEFORE);
    assertThat(read(6, 7)).isEqualTo(NEXT);
  }

  @Test
  void whoWasThereBeforeIsReadFromWhereItIs() {
    assertThat(sequences.read(WRITER, 6, 9, false)).isEqualTo(NEXT);
    assertThat(read(9, 10)).isEqualTo(NEXT);
    assertThat(read(5, 7)).isEqualTo(READ_BEFORE);
  }

  @Test
  void whoIsNewOnceAllWasReadHasSomethingMissingBefore() {
    assertThat(read(4, 5)).isEqualTo(AFTER_A_GAP);
    assertThat(read(5, 6)).isEqualTo(NEXT);
  }

  @Test
  void thoseThatWereSilentForLongestAreForgottenAndNobodyElse() {
    read(0, 1);
    for (var i = 0; i < MANY; i++) {
      sequences.read("other " + i, 0, 1, true);
      if (i % 1_000 == 0) {
        assertThat(read(0, 1)).isEqualTo(READ_BEFORE);
      }
    }
    assertThat(read(0, 1)).as("who spoke now and then").isEqualTo(READ_BEFORE);
    assertThat(sequences.read("other " + (MANY - 1), 0, 1, true)).isEqualTo(READ_BEFORE);
    assertThat(sequences.read("other 0", 0, 1, true)).isEqualTo(NEXT);
  }

  private boolean lacks(long told) {
    return sequences.lacks(Map.of(WRITER, told));
  }

  @Test
  void whatIsMissingAtTheEndShowsByWhatItsWriterSaysOnce() {
    read(0, 1);
    assertThat(lacks(1)).isFalse();
    assertThat(lacks(2)).isFalse();
    assertThat(lacks(2)).isFalse();
    assertThat(lacks(2)).as("after three looks").isTrue();
    assertThat(List.of(lacks(2), lacks(2), lacks(2), lacks(2))).doesNotContain(true);

    assertThat(lacks(3)).isFalse();
    assertThat(read(1, 3)).as("it was under way").isEqualTo(NEXT);
    assertThat(List.of(lacks(3), lacks(3), lacks(3), lacks(3))).doesNotContain(true);
  }

  @Test
  void whoWasGoneAndIsBackIsLookedAtAnew() {
    assertThat(List.of(lacks(2), lacks(2), lacks(2))).endsWith(true);
    assertThat(sequences.lacks(Map.of())).isFalse();
    assertThat(List.of(lacks(2), lacks(2), lacks(2))).endsWith(true);
  }
}
