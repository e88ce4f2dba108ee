// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static org.assertj.core.api.Assertions.assertThat;

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
  void namesAreCutTo63AndDoNotEndInADash() {
    assertThat(KubernetesName.of("a".repeat(70))).isEqualTo("a".repeat(63));
    assertThat(KubernetesName.of("a".repeat(62) + "_b")).isEqualTo("a".repeat(62));
  }
}
