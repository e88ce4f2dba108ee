// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdTest {

  private static final String MOST = "18446744073709551615";

  private static StreamId id(String text) {
    return StreamId.parse(text);
  }

  @Test
  void afterTheLastOfAMillisecondComesTheNextOne() {
    assertThat(id("7-8").next()).hasToString("7-9");
    assertThat(id("7-" + MOST).next()).hasToString("8-0");
    assertThat(id("7-9223372036854775807").next()).hasToString("7-9223372036854775808");
    assertThat(id(MOST + "-" + MOST).next()).hasToString(MOST + "-" + MOST);
  }

  @Test
  void numbersHaveNoSign() {
    assertThat(id("9-1")).isLessThan(id("10-0")).isGreaterThan(id("9-0"));
    assertThat(id(MOST + "-0")).isGreaterThan(id("7-0"));
    assertThat(id("7-" + MOST)).isGreaterThan(id("7-0")).isLessThan(id("8-0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "7", "7-", "-7", "7-8-9", "-7-8", "7-x", "18446744073709551616-0", " 7-8"})
  void whatNoServerWritesIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> id(text));
  }
}
