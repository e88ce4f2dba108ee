// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariableTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "abc, abc",
        "\"abc\", abc",
        "'abc', abc",
        "\"abc, abc",
        "abc', abc",
        "\"'abc'\", abc",
        "'\"abc\"', \"abc\"",
        "\"\"abc\"\", \"abc\"",
        "\", ``",
        "'', ``"
      })
  void oneQuoteOfEachKindIsRemovedAtEachEndInTheOriginalsOrder(String value, String stripped) {
    assertThat(Variable.unquoted(value)).isEqualTo(stripped);
  }
}
