// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * One deployment of an ExApp. Updates keep the secret that an ExApp shares with Nextcloud; an ExApp
 * that is removed and registered again gets a new one, and is another deployment.
 *
 * @param appId the ExApp
 * @param fingerprint 16 characters that its id and secret give; empty when the secret is not known
 */
public record Deployment(AppId appId, Optional<String> fingerprint) {

  private static final int FINGERPRINT_BYTES = 12;

  /** One whose secret is not known. */
  public static Deployment of(AppId appId) {
    return new Deployment(appId, Optional.empty());
  }

  /** The one with this secret; an empty secret is not known. */
  public static Deployment of(AppId appId, Secret secret) {
    return secret.reveal().isEmpty()
        ? of(appId)
        : new Deployment(appId, Optional.of(fingerprint(appId, secret)));
  }

  /** Whether both can be the same: one ExApp, and no two fingerprints that differ. */
  public boolean mayBe(Deployment other) {
    return appId.equals(other.appId)
        && (fingerprint.isEmpty()
            || other.fingerprint.isEmpty()
            || fingerprint.equals(other.fingerprint));
  }

  private static String fingerprint(AppId appId, Secret secret) {
    var text = "harp deployment\n" + appId.inLowerCase() + "\n" + secret.reveal();
    var digest = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, FINGERPRINT_BYTES));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }
}
