// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.key.TunnelTokens.Claim;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HmacTunnelTokensTest extends TunnelTokensContract {

  /** Made by the release before. */
  private static final String FIRST_FORM =
      "harp1.app.23000.38AAVhdgJwCfg13ol_Evv9LXy812tjyqEry20RS_Sq8";

  private static final Map<String, TunnelTokens> STRETCHED = new ConcurrentHashMap<>();

  @Override
  protected TunnelTokens tokens(String sharedKey) {
    return STRETCHED.computeIfAbsent(sharedKey, key -> new HmacTunnelTokens(SharedKey.of(key)));
  }

  @Test
  void theFormIsTheOneOnRecord() {
    assertThat(tokens("the-shared-key").mint(new AppId("app"), 23000))
        .matches("harp2\\.app\\.23000\\.[A-Za-z0-9_-]{43}");
  }

  @Test
  @DisplayName("S13: a token is signed with a stretched key, 600,000 rounds a guess")
  void s13_aTokenIsSignedWithAStretchedKey() throws Exception {
    var stretched =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
            .generateSecret(
                new PBEKeySpec(
                    "the-shared-key".toCharArray(),
                    "harp tunnel token 2".getBytes(US_ASCII),
                    600_000,
                    256))
            .getEncoded();
    var signature = HmacSha256.with(stretched).doFinal("harp2.app.23000".getBytes(US_ASCII));

    assertThat(tokens("the-shared-key").mint(new AppId("app"), 23000))
        .endsWith("." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature));
  }

  @Test
  @DisplayName("S13: the key is stretched once, and elsewhere")
  void s13_theKeyIsStretchedOnceAndElsewhere() {
    var tokens = new HmacTunnelTokens(SharedKey.of("the-shared-key"));

    var ready = tokens.ready();

    assertThat(ready.isComplete()).as("half a second of work is not done by the caller").isFalse();
    await().until(ready::succeeded);
    assertThat(tokens.ready().succeeded()).isTrue();
  }

  @Test
  @DisplayName("S13: a token of the first form stays valid, and is known to be one")
  void s13_aTokenOfTheFirstFormStaysValid() {
    var tokens = tokens("the-shared-key");

    assertThat(tokens.verify(FIRST_FORM))
        .contains(new Claim(Deployment.of(new AppId("app")), 23000));
    assertThat(tokens.isOutdated(FIRST_FORM)).isTrue();
    assertThat(tokens.isOutdated(tokens.mint(new AppId("app"), 23000))).isFalse();
    assertThat(tokens.verify(FIRST_FORM.replace("harp1", "harp2"))).isEmpty();
    assertThat(tokens.verify(tokens.mint(new AppId("app"), 23000).replace("harp2", "harp1")))
        .isEmpty();
  }
}
