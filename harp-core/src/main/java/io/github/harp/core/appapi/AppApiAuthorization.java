// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.appapi;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The value of {@code AUTHORIZATION-APP-API}: who asks, and the secret that an ExApp shares with
 * Nextcloud, as Base64 of {@code user:secret}. Taken apart where somebody asks for a part.
 *
 * @param text as it is sent
 */
public record AppApiAuthorization(String text) {

  /** A user without a level (a disabled account) goes unnamed. */
  public static AppApiAuthorization of(NcUser user, ExApp exApp) {
    var name = user.level() == AccessLevel.PUBLIC ? "" : user.id();
    var plain = name + ":" + exApp.token().reveal();
    return new AppApiAuthorization(
        Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)));
  }

  /** The user's id; empty for nobody, and where it is no pair: it may be a secret as a whole. */
  public String user() {
    var pair = pair();
    return pair.substring(0, Math.max(0, pair.indexOf(':')));
  }

  /** The secret; empty where there is none. */
  public Secret secret() {
    var pair = pair();
    return Secret.of(pair.substring(pair.indexOf(':') + 1));
  }

  private String pair() {
    try {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      return "";
    }
  }

  /** Whom it is about, without the secret. */
  @Override
  public String toString() {
    return "for '" + user() + "'";
  }
}
