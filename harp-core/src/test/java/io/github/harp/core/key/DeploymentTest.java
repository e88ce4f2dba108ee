// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.Secret;
import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.testing.TestExApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("S5: which deployment of an ExApp")
class DeploymentTest {

  private static final Deployment FIRST = Deployment.of(new AppId("Demo"), Secret.of("first"));
  private static final Deployment SECOND = Deployment.of(new AppId("demo"), Secret.of("second"));

  @Test
  void theSameSecretIsTheSameDeployment() {
    assertThat(FIRST.mayBe(Deployment.of(new AppId("demo"), Secret.of("first")))).isTrue();
    assertThat(FIRST.mayBe(SECOND)).isFalse();
    assertThat(FIRST.mayBe(Deployment.of(new AppId("other"), Secret.of("first")))).isFalse();
  }

  @Test
  void aDeploymentThatIsNotKnownMayBeAnyOfItsExApp() {
    assertThat(Deployment.of(new AppId("demo")).mayBe(FIRST)).isTrue();
    assertThat(SECOND.mayBe(Deployment.of(new AppId("DEMO"), Secret.of("")))).isTrue();
    assertThat(Deployment.of(new AppId("other")).mayBe(FIRST)).isFalse();
  }

  @Test
  void theFingerprintShowsNothingOfTheSecretAndFitsIntoAToken() {
    assertThat(FIRST.fingerprint().orElseThrow()).matches("[A-Za-z0-9_-]{16}");
    assertThat(FIRST).asString().doesNotContain("first");
  }

  @Test
  void aClaimIsForOnePlaceAndOneDeployment() {
    var claim = new Claim(FIRST, 23000);

    assertThat(claim.isFor(exApp("127.0.0.1", 23000, "first"))).isTrue();
    assertThat(claim.isFor(exApp("LOCALHOST", 23000, "first"))).isTrue();
    assertThat(claim.isFor(exApp("127.0.0.1", 23001, "first"))).isFalse();
    assertThat(claim.isFor(exApp("10.0.0.7", 23000, "first"))).isFalse();
    assertThat(claim.isFor(exApp("127.0.0.1", 23000, "second"))).isFalse();
  }

  private static ExApp exApp(String host, int port, String secret) {
    return TestExApp.at(host, port, "demo", secret);
  }
}
