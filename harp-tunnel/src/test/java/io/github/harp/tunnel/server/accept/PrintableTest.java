// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void aClientCannotFakeALineOfTheLog() {
    assertThat(Printable.of("app\n2026-01-01 INFO all is well"))
        .isEqualTo("app?2026-01-01 INFO all is well");
    assertThat(Printable.of("\u202Eevil\u001b[31m")).isEqualTo("?evil?[31m");
  }

  @Test
  void longTextIsCut() {
    assertThat(Printable.of("x".repeat(1000))).hasSize(67);
    assertThat(Printable.of("Größe")).isEqualTo("Größe");
  }
}
