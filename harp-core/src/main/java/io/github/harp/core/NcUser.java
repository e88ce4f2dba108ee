// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.Objects;

/**
 * Who Nextcloud says the caller is.
 *
 * @param id the user id, empty for a caller without a session
 * @param level what this user may reach; a disabled account has an id and {@link
 *     AccessLevel#PUBLIC}
 */
public record NcUser(String id, AccessLevel level) {

  /** A caller without a session. */
  public static final NcUser ANONYMOUS = new NcUser("", AccessLevel.PUBLIC);

  public NcUser {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(level, "level");
  }
}
