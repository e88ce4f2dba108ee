// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import static io.github.harp.tunnel.config.ExAppFrpcToml.EXAPP;
import static io.github.harp.tunnel.config.ExAppFrpcToml.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file holds, it is read or refused with a reason. */
class OddFrpcConfigTest {

  @Property(tries = 300)
  void anyTextIsReadOrRefusedWithAReason(@ForAll String text) {
    refusesOrReads(text);
  }

  @Property(tries = 300)
  void aDamagedFileIsReadOrRefusedWithAReason(
      @ForAll @IntRange(max = 550) int position, @ForAll char replacement, @ForAll boolean cut) {
    int at = Math.min(position, EXAPP.length() - 1);
    refusesOrReads(EXAPP.substring(0, at) + replacement + (cut ? "" : EXAPP.substring(at + 1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "# nothing",
        "a = 2024-99-99",
        "a = 1e999",
        "a = 0x",
        "[[a]]\n[a]",
        "a.b = 1\na = 2"
      })
  void oddFilesAreReadOrRefusedWithAReason(String text) {
    refusesOrReads(text);
    refusesOrReads("a = " + "[".repeat(100_000));
  }

  private static void refusesOrReads(String text) {
    try {
      assertThat(parse(text).options().build()).isNotNull();
    } catch (TunnelException refused) {
      assertThat(refused.getMessage()).startsWith("frpc.toml");
    }
  }
}
