// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.TunnelTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExAppCredentialsTest {

  private final ExAppCredentials credentials =
      ExAppCredentials.ownTokens(
          new TunnelTokens() {
            @Override
            public String mint(Deployment deployment, int port) {
              return "token-of-"
                  + deployment.appId()
                  + "-"
                  + port
                  + deployment.fingerprint().map(it -> "-" + it).orElse("");
            }

            @Override
            public Optional<Claim> verify(String token) {
              return Optional.empty();
            }
          });

  @Test
  void w1_theSharedKeyBecomesATokenInItsPlace() {
    assertThat(
            in(
                List.of(
                    "AA_VERSION=1",
                    "APP_ID=demo",
                    "HP_SHARED_KEY=the=key",
                    "APP_PORT=23004",
                    "X=")))
        .containsExactly(
            "AA_VERSION=1",
            "APP_ID=demo",
            "HP_SHARED_KEY=token-of-demo-23004",
            "APP_PORT=23004",
            "X=");
  }

  @Test
  void w1_everyOccurrenceIsReplacedAndTheLastAppIdCounts() {
    assertThat(
            in(
                List.of(
                    "HP_SHARED_KEY=a",
                    "APP_ID=first",
                    "APP_ID=second",
                    "APP_PORT=23000",
                    "HP_SHARED_KEY=b")))
        .doesNotContain("HP_SHARED_KEY=a", "HP_SHARED_KEY=b")
        .containsOnlyOnce("APP_ID=first")
        .contains("HP_SHARED_KEY=token-of-second-23000");
  }

  @Test
  @DisplayName("S5: the token is for the deployment with the secret that the order shows")
  void s5_theTokenIsForTheDeploymentWithTheSecretInTheOrder() {
    var fingerprint =
        Deployment.of(new AppId("demo"), Secret.of("s3=cret")).fingerprint().orElseThrow();

    assertThat(
            in(List.of("APP_SECRET=s3=cret", "APP_ID=demo", "APP_PORT=23004", "HP_SHARED_KEY=key")))
        .contains("HP_SHARED_KEY=token-of-demo-23004-" + fingerprint);
  }

  @Test
  @DisplayName("S5: an order without a secret gives a token for any deployment")
  void s5_anOrderWithoutASecretGivesATokenForAnyDeployment() {
    assertThat(in(List.of("APP_SECRET=", "APP_ID=demo", "APP_PORT=23004", "HP_SHARED_KEY=key")))
        .contains("HP_SHARED_KEY=token-of-demo-23004");
  }

  @Test
  void anEnvironmentWithoutTheKeyStaysAsItIs() {
    var direct = List.of("APP_ID=demo", "MY_HP_SHARED_KEY=x", "HP_SHARED_KEY_FILE=/f");

    assertThat(in(direct)).isEqualTo(direct);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "APP_PORT=23000",
        "APP_ID=demo",
        "APP_ID=;APP_PORT=23000",
        "APP_ID=a b;APP_PORT=23000",
        "APP_ID=.a;APP_PORT=23000",
        "APP_ID=demo;APP_PORT=",
        "APP_ID=demo;APP_PORT=http",
        "APP_ID=demo;APP_PORT=0",
        "APP_ID=demo;APP_PORT=70000",
        "APP_ID=demo;APP_PORT=-1",
      })
  void w1_aKeyWithoutAnAppAndAPortIsRefused(String environment) {
    var ordered = new ArrayList<>(List.of(environment.split(";")));
    ordered.add("HP_SHARED_KEY=hunter2");

    assertThatThrownBy(() -> in(ordered))
        .isInstanceOfSatisfying(
            HarpException.class,
            refused -> assertThat(refused.code()).isEqualTo(HarpException.Code.BAD_REQUEST))
        .hasMessageContaining("environment variable APP_")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(ints = {24000, 24050, 24099})
  void w1_noExAppGetsATokenForAnEnginesNumber(int port) {
    var ordered = List.of("APP_ID=demo", "APP_PORT=" + port, "HP_SHARED_KEY=key");

    assertThatThrownBy(() -> in(ordered)).hasMessageContaining("APP_PORT");
  }

  @Test
  void thePolicyOfTheOriginalLeavesTheKey() {
    var ordered = List.of("HP_SHARED_KEY=key");

    assertThat(ExAppCredentials.sharedKey().in(new ContainerEnvironment(ordered)).entries())
        .isEqualTo(ordered);
  }

  private List<String> in(List<String> ordered) {
    return credentials.in(new ContainerEnvironment(ordered)).entries();
  }
}
