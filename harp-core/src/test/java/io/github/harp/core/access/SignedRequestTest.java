// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.appapi.AppApiAuthorization;
import io.github.harp.core.key.Deployment;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedRequestTest {

  @ParameterizedTest
  @DisplayName("S5: an ExApp that only the headers describe is one deployment, too")
  @ValueSource(strings = {":s3:cret", "alice:s3:cret", "alice@example.com:s3:cret"})
  void s5_anExAppThatOnlyTheHeadersDescribeIsOneDeployment(String plain) {
    var shown = Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));

    assertThat(deployment(shown)).isEqualTo(Deployment.of(new AppId("demo"), Secret.of("s3:cret")));
  }

  @Test
  @DisplayName("S5: where the headers show no secret, it may be any deployment")
  void s5_whereTheHeadersShowNoSecretItMayBeAnyDeployment() {
    assertThat(deployment("")).isEqualTo(Deployment.of(new AppId("demo")));
    assertThat(deployment("no base64!")).isEqualTo(Deployment.of(new AppId("demo")));
    assertThat(deployment("Og==")).isEqualTo(Deployment.of(new AppId("demo")));
  }

  private static Deployment deployment(String authorization) {
    return new SignedRequest(
            "demo", "1.0.0", "127.0.0.1", "23000", new AppApiAuthorization(authorization))
        .exApp(new AppId("demo"))
        .orElseThrow()
        .deployment();
  }
}
