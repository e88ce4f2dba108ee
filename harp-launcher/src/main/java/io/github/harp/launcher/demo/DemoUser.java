// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.NcUser;
import java.util.Arrays;
import java.util.Optional;

/** The users of the stand-in for Nextcloud. Their session cookies are no secret. */
enum DemoUser {
  ALICE("alice", AccessLevel.USER),
  ADMIN("admin", AccessLevel.ADMIN);

  private final NcUser user;

  DemoUser(String id, AccessLevel level) {
    this.user = new NcUser(id, level);
  }

  NcUser user() {
    return user;
  }

  /** The value of the cookie that tells who is logged in. */
  String session() {
    return "demo-session-of-" + user.id();
  }

  static Optional<DemoUser> withId(String id) {
    return Arrays.stream(values()).filter(each -> each.user.id().equals(id)).findAny();
  }
}
