// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.KEY;
import static io.github.harp.core.testing.Gate.gate;

import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.testing.Gate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Row 5: calls to engines")
class EngineCallsTest {

  /** It knows engine 24000. */
  private final Gate gate = gate();

  @Test
  void anAllowedCallGoesToTheEngineOfThatNumber() {
    assertThat(call(24000, "/v1.44/_ping"))
        .isEngineCall(24000, "/v1.44/_ping")
        .because(Reason.ENGINE_CALL);
  }

  @ParameterizedTest(name = "W14 engine {0}")
  @ValueSource(ints = {1, 80, 23001, 23999, 24100, 65535})
  void w14_aNumberThatIsNoEnginesIsForbidden(int port) {
    assertThat(call(port, "/v1.44/_ping"))
        .isRefused(403, Reason.ENGINE_RULE)
        .saying("" + port, "24000", "24099")
        .isNotCounted();
  }

  @Test
  void anEngineThatIsNotConnectedIsUnavailable() {
    assertThat(call(24007, "/v1.44/_ping"))
        .isRefused(503, Reason.NO_ENGINE)
        .saying("24007 is not connected", "[24000]")
        .isNotCounted();
  }

  @Test
  void aCallWithoutARuleIsForbiddenWhateverTheEngine() {
    assertThat(call(24007, "/info")).isRefused(403, Reason.ENGINE_RULE).saying("no rule");
  }

  @Test
  void withoutTheKeyNobodyLearnsWhichEnginesThereAre() {
    var call = get("/exapps/app_api/_ping").header("docker-engine-port", "24000");

    assertThat(gate.decide(call)).isRefused(401, Reason.WRONG_KEY_FOR_ORDER);
  }

  private Verdict call(int port, String path) {
    return gate.decide(
        get("/exapps/app_api" + path).key(KEY).header("docker-engine-port", "" + port));
  }
}
