// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.key.VisitorPasses.Pass;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisitorPassesTest {

  private static final VisitorPasses PASSES = new VisitorPasses(SharedKey.of("correct-horse"));
  private static final Instant END = Instant.ofEpochSecond(1_800_000_000);
  private static final Instant MADE = Instant.ofEpochMilli(1_700_000_000_123L);
  private static final Pass PASS = new Pass(new AppId("llm2"), MADE, END);

  @Test
  void aPassSaysForWhichExAppAndUntilWhen() {
    assertThat(PASSES.verify(PASSES.mint(PASS))).contains(PASS);
    var dotted = new Pass(new AppId("a.b.17"), MADE, END);
    assertThat(PASSES.verify(PASSES.mint(dotted))).contains(dotted);
  }

  @Test
  void itIsGoodForThatExAppsServicesUntilThen() {
    assertThat(PASS.isFor("llm2/straight", END.minusSeconds(1))).isTrue();
    assertThat(PASS.isFor("LLM2/straight", END.minusSeconds(1))).isTrue();
    assertThat(PASS.isFor("llm2/straight", END)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llm2", "llm", "llm22/x", "llm/x", "/llm2", "x/llm2/y", "", "llm2.x/y"})
  void itIsForNoOtherService(String service) {
    assertThat(PASS.isFor(service, END.minusSeconds(1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "harpv.",
        "harpv.llm2.1.x",
        "harpv.llm2.1.2.x",
        "harpv.llm2..x",
        "harpv.llm2.x",
        "harp2.llm2.1.x"
      })
  void nothingElseIsAPass(String text) {
    assertThat(PASSES.verify(text)).isEmpty();
  }

  @Test
  void everyChangeMakesItWorthless() {
    var genuine = PASSES.mint(PASS);
    assertThat(PASSES.verify(genuine.replace("llm2", "llm3"))).isEmpty();
    assertThat(PASSES.verify(genuine.replace("1800000000", "1900000000"))).isEmpty();
    assertThat(PASSES.verify(genuine.replace("1700000000123", "1700000000124"))).isEmpty();
    assertThat(PASSES.verify(genuine + "A")).isEmpty();
    assertThat(new VisitorPasses(SharedKey.of("another-horse")).verify(genuine)).isEmpty();
  }

  @Test
  void theSecretIsTheExAppsAndNoPass() {
    var secret = PASSES.secret(new AppId("llm2"));
    assertThat(PASSES.secret(new AppId("LLM2"))).isEqualTo(secret).hasSize(43);
    assertThat(PASSES.secret(new AppId("llm3"))).isNotEqualTo(secret);
    assertThat(PASSES.verify("harpv.llm2.1700000000123.1800000000." + secret)).isEmpty();
  }
}
