// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.Engines;
import io.github.harp.core.Upstream;
import io.github.harp.proxy.engine.EnginePassThrough.Verdict;
import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.Future;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnginePassThroughTest {

  private static final Upstream LOCAL = loop -> Future.failedFuture("not dialled here");

  private final EnginePassThrough passThrough =
      new EnginePassThrough(Engines.of(Map.of(EngineNumber.FIRST, LOCAL)));

  @Test
  void anAllowedCallGoesToTheEngineOfThatNumber() {
    assertThat(judge(24000, "/v1.44/_ping")).isEqualTo(new Verdict.Pass(LOCAL));
  }

  @ParameterizedTest(name = "W14 engine {0}")
  @ValueSource(ints = {1, 80, 23001, 23999, 24100, 65535})
  void w14_aNumberThatIsNoEnginesIsForbidden(int port) {
    assertThat(judge(port, "/v1.44/_ping"))
        .isInstanceOfSatisfying(
            Verdict.Refuse.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(403);
              assertThat(refused.reason()).contains("" + port, "24000", "24099");
            });
  }

  @Test
  void anEngineThatIsNotConnectedIsUnavailable() {
    assertThat(judge(24007, "/v1.44/_ping"))
        .isInstanceOfSatisfying(
            Verdict.Refuse.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(503);
              assertThat(refused.reason()).contains("24007 is not connected", "[24000]");
            });
  }

  @Test
  void aCallWithoutARuleIsForbiddenWhateverTheEngine() {
    assertThat(judge(24007, "/info"))
        .isInstanceOfSatisfying(
            Verdict.Refuse.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(403);
              assertThat(refused.reason()).contains("no rule");
            });
  }

  private Verdict judge(int port, String path) {
    return passThrough.judge(port, TestHead.of("GET", path), path, "");
  }
}
