// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesNameTest {

  @ParameterizedTest
  @CsvSource({
    "nc_app_a, nc-app-a",
    "nc_app_i_a_rp, nc-app-i-a-rp",
    "nc_app_App_Skeleton_data, nc-app-app-skeleton-data",
    "a__.b, a-b",
    "-a-, a",
    "___, exapp",
    "'', exapp",
  })
  void namesAreLowerCaseWithSingleDashes(String name, String expected) {
    assertThat(KubernetesName.of(name)).isEqualTo(expected);
  }

  @Test
  @DisplayName(
      "W24: names past 63 characters end in a digest, so that those that begin alike differ")
  void w24_namesPast63CharactersDoNotCollide() {
    var one = KubernetesName.of("nc_app_" + "a".repeat(70));
    var other = KubernetesName.of("nc_app_" + "a".repeat(71));

    assertThat(one).hasSize(63).startsWith("nc-app-aaa").isNotEqualTo(other);
    assertThat(other).hasSize(63);
    assertThat(KubernetesName.of("a".repeat(63))).isEqualTo("a".repeat(63));
    assertThat(KubernetesName.of("a".repeat(53) + "_" + "b".repeat(20)))
        .matches("a{53}-[0-9a-f]{8}");
  }

  @ParameterizedTest
  @CsvSource({"I.1, I.1", "a_b-c, a_b-c", "I., i", "'', exapp", "a b, a-b"})
  void aLabelMayBeMoreThanAName(String text, String expected) {
    assertThat(KubernetesName.label(text)).isEqualTo(expected);
    assertThat(KubernetesName.label("a".repeat(64))).hasSize(63);
  }

  @ParameterizedTest
  @CsvSource({
    "nc_app_, nc-app-demo, true",
    "nc_app_, nc-app-app-demo, true",
    "nc_app_, somebody-elses, true",
    "nc_app_, nc-acme-app-demo, false",
    "nc_acme_app_, nc-acme-app-demo, true",
    "nc_acme_app_, nc-acme2-app-demo, false",
    "nc_acme_app_, nc-app-demo, false",
    "nc_acme_app_, somebody-elses, false",
  })
  void aNameSaysWhichNextcloudsItMayBe(String prefix, String object, boolean expected) {
    assertThat(KubernetesName.isOf(prefix, object)).isEqualTo(expected);
  }
}
