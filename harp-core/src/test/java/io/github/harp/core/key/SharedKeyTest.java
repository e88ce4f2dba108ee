// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SharedKeyTest {
  private final SharedKey key = SharedKey.of("some key");

  @Test
  void matchesItselfOnly() {
    assertThat(key.matches("some key")).isTrue();
    assertThat(key.matches("some keY")).isFalse();
    assertThat(key.matches("some key ")).isFalse();
    assertThat(key.matches("")).isFalse();
    assertThat(key.matches(null)).isFalse();
  }

  @Test
  @DisplayName("W5: there is no empty key")
  void w5_thereIsNoEmptyKey() {
    assertThatThrownBy(() -> SharedKey.of("")).hasMessageContaining("empty");
  }

  @Test
  @DisplayName("W27: it never prints itself")
  void w27_itNeverPrintsItself() {
    assertThat(key.toString()).doesNotContain("some");
    assertThat(key.fingerprint()).hasSize(8).doesNotContain("some");
  }

  @Test
  void fingerprintsTellKeysApart() {
    assertThat(key.fingerprint()).isEqualTo(SharedKey.of("some key").fingerprint());
    assertThat(key.fingerprint()).isNotEqualTo(SharedKey.of("some kez").fingerprint());
  }
}
