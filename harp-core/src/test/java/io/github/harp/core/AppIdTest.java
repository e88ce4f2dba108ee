// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AppIdTest {

  private static final String LONGEST = "0".repeat(128);

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "app_api", "App-Skel_2.0", "a..b.", "Z-", "9.", "A__"})
  void isWrittenAsItWas(String text) {
    assertThat(AppId.parse(text)).contains(new AppId(text));
    assertThat(new AppId(text)).hasToString(text);
    assertThat(new AppId(LONGEST)).hasToString(LONGEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "-a",
        "_a",
        ".a",
        "a/b",
        "a b",
        "a\n",
        "a:b",
        "a%62",
        "ä",
        "aé",
        "a\0",
        "~a",
        "a\n1 opened *"
      })
  void nothingElseIsOne(String text) {
    assertThat(AppId.parse(text)).isEmpty();
    assertThat(AppId.parse(LONGEST + "0")).isEmpty();
    assertThatThrownBy(() -> new AppId(text))
        .isInstanceOf(HarpException.class)
        .hasMessageContaining("app id '")
        .hasMessageEndingWith("': expected " + AppId.FORM)
        .hasMessageMatching("\\P{Cntrl}*");
  }

  @ParameterizedTest
  @CsvSource({"Demo, demo", "DEMO, dEMo", "app_API, APP_api"})
  void caseMakesNoDifference(AppId one, AppId other) {
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other).isEqualByComparingTo(other);
    assertThat(one.inLowerCase().text()).isEqualTo(other.inLowerCase().text());
  }

  @ParameterizedTest
  @CsvSource({"demo, demos", "app-api, app_api", "a.b, a-b"})
  void anythingElseDoes(AppId one, AppId other) {
    assertThat(one).isNotEqualTo(other).isNotEqualByComparingTo(other);
  }
}
