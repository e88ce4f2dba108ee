// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

class ContainerEnvironmentTest {

  private final ContainerEnvironment environment =
      ContainerEnvironment.of("A=1", "B==x=", "AB=2", "A=3", "EMPTY=", "PLAIN");

  @Test
  void theLastEntryOfANameCounts() {
    assertThat(environment.get("A")).contains("3");
    assertThat(environment.get("B")).contains("=x=");
    assertThat(environment.get("EMPTY")).contains("");
    assertThat(environment.get("PLAIN")).isEmpty();
    assertThat(environment.get("C")).isEmpty();
  }

  @Test
  void eachNameIsAVariable() {
    assertThat(environment.variables())
        .containsExactly(
            entry("A", "3"),
            entry("B", "=x="),
            entry("AB", "2"),
            entry("EMPTY", ""),
            entry("PLAIN", ""));
  }

  @Test
  void aValueIsReplacedInEachOfItsPlaces() {
    assertThat(environment.with("A", "9").entries())
        .containsExactly("A=9", "B==x=", "AB=2", "A=9", "EMPTY=", "PLAIN");
  }

  @Test
  void aNewValueComesLast() {
    assertThat(environment.with("C", "").entries()).endsWith("PLAIN", "C=").hasSize(7);
  }

  @Test
  void itsTextHoldsNoValue() {
    assertThat(ContainerEnvironment.of("KEY=hunter2")).hasToString("1 variables");
  }
}
