// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.Secret;
import io.github.harp.core.key.TunnelTokens.Claim;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes a credential of an ExApp good for one thing only. */
@DisplayName("W1: a token of its own for each ExApp")
public abstract class TunnelTokensContract {

  /** Tokens under some shared key; the same tokens for the same key. */
  protected abstract TunnelTokens tokens(String sharedKey);

  private TunnelTokens tokens() {
    return tokens("the-shared-key");
  }

  @ParameterizedTest
  @CsvSource({"app,23000", "App-Skel_2.0,1", "a,65535", "0,23999", "a..b.,9", "harp1.app.1,7"})
  void aTokenProvesItsClaim(AppId appId, int port) {
    assertThat(tokens().verify(tokens().mint(appId, port)))
        .contains(new Claim(Deployment.of(appId), port));
  }

  @Test
  void aTokenStaysTheSame() {
    assertThat(tokens().mint(new AppId("app"), 23000))
        .isEqualTo(tokens().mint(new AppId("app"), 23000));
  }

  @Test
  void tokensDifferByAppPortAndKey() {
    assertThat(tokens().mint(new AppId("app"), 23000))
        .isNotEqualTo(tokens().mint(new AppId("app"), 23001))
        .isNotEqualTo(tokens().mint(new AppId("apq"), 23000))
        .isNotEqualTo(tokens("another-key").mint(new AppId("app"), 23000));
  }

  @ParameterizedTest
  @CsvSource({"app,23000", "a..b.,9", "app.23000,7"})
  @DisplayName("S5: a token says for which deployment it is")
  void s5_aTokenSaysForWhichDeploymentItIs(AppId appId, int port) {
    var first = Deployment.of(appId, Secret.of("first secret"));
    var second = Deployment.of(appId, Secret.of("second secret"));

    assertThat(tokens().verify(tokens().mint(first, port))).contains(new Claim(first, port));
    assertThat(tokens().mint(first, port))
        .isEqualTo(tokens().mint(first, port))
        .isNotEqualTo(tokens().mint(second, port))
        .isNotEqualTo(tokens().mint(appId, port));
  }

  @Test
  @DisplayName("S5: nobody takes the deployment out of a token, or puts another in")
  void s5_nobodyChangesTheDeploymentOfAToken() {
    var deployment = Deployment.of(new AppId("app"), Secret.of("secret"));
    var fingerprint = "." + deployment.fingerprint().orElseThrow();
    var token = tokens().mint(deployment, 23000);
    var other =
        "." + Deployment.of(new AppId("app"), Secret.of("other")).fingerprint().orElseThrow();

    assertThat(tokens().verify(token.replace(fingerprint, ""))).isEmpty();
    assertThat(tokens().verify(token.replace(fingerprint, other))).isEmpty();
    assertThat(
            tokens()
                .verify(tokens().mint(new AppId("app"), 23000).replace(".23000", ".23000" + other)))
        .isEmpty();
  }

  @Test
  void aTokenOfAnotherKeyProvesNothing() {
    assertThat(tokens().verify(tokens("another-key").mint(new AppId("app"), 23000))).isEmpty();
  }

  @Test
  void aTokenChangedAnywhereProvesNothing() {
    var token = tokens().mint(new AppId("app"), 23000);
    for (var i = 0; i < token.length(); i++) {
      var changed =
          token.substring(0, i) + (token.charAt(i) == 'x' ? 'y' : 'x') + token.substring(i + 1);

      assertThat(tokens().verify(changed)).as(changed).isEmpty();
      assertThat(tokens().verify(token.substring(0, i))).isEmpty();
    }
    assertThat(tokens().verify(token + "A")).isEmpty();
    assertThat(tokens().verify(token + "\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "the-shared-key",
        "harp1",
        "harp1...",
        "harp1.app.23000.",
        "harp1.app.99999.AAAA",
        "harp1.app.-1.AAAA",
        "ü.ü.ü.ü"
      })
  void anythingElseProvesNothing(String text) {
    assertThat(tokens().verify(text)).isEmpty();
    assertThat(tokens().verify(text.repeat(10_000))).isEmpty();
  }

  @Test
  void aTokenFitsIntoAnEnvironmentAndATomlString() {
    assertThat(tokens().mint(new AppId("App-Skel_2.0"), 23000)).matches("[A-Za-z0-9._-]+");
  }

  @Test
  void whatIsNoPortIsNotMinted() {
    assertThatThrownBy(() -> tokens().mint(new AppId("app"), 0)).isInstanceOf(HarpException.class);
    assertThatThrownBy(() -> tokens().mint(new AppId("app"), 65_536))
        .isInstanceOf(HarpException.class);
  }
}
