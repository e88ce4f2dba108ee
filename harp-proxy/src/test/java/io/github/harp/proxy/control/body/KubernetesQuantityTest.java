// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control.body;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesQuantityTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "536870913, 0, 536870913",
    "512Mi, 0, 536870912",
    "1Gi, 0, 1073741824",
    "0.5Gi, 0, 536870912",
    "1.5, 9, 1500000000",
    "1500m, 9, 1500000000",
    "100n, 9, 100",
    "2u, 9, 2000",
    "1k, 0, 1000",
    "2E, 0, 2000000000000000000",
    "7Ei, 0, 8070450532247928832",
    "2e3, 0, 2000",
    "5E-1, 9, 500000000",
    "1m, 0, 1",
  })
  void anAmountIsReadAndRoundedUp(String text, int decimals, long amount) {
    assertThat(KubernetesQuantity.parse(text, decimals)).hasValue(amount);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "x", "-1", "+1", "1 Gi", "1gi", "1Ki1", "Mi", "1e999", "9Ei", "1.2.3", "١"
      })
  void otherTextIsNoAmount(String text) {
    assertThat(KubernetesQuantity.parse(text, 0)).isEmpty();
  }
}
