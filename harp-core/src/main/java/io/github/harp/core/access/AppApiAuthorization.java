// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Builds the value of {@code AUTHORIZATION-APP-API}. */
final class AppApiAuthorization {
  private AppApiAuthorization() {}

  /** Base64 of {@code user:token}; a user without a level (a disabled account) goes unnamed. */
  static String of(NcUser user, ExApp exApp) {
    var name = user.level() == AccessLevel.PUBLIC ? "" : user.id();
    var plain = name + ":" + exApp.token().reveal();
    return Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }
}
