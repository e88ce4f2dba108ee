// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import io.github.harp.docker.certificates.ContainerFiles.Entry;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whom a container's processes run as, as far as that is known without its {@code /etc/passwd}.
 *
 * @param uid empty when the image names its user, and when it begins as root, who may become
 *     anybody before the tunnel's client starts
 */
record ContainerUser(Optional<Ids> uid) {

  private static final Pattern NUMERIC = Pattern.compile("(\\d{1,9})(?::(\\d{1,9}))?");
  private static final int OWNER_ONLY = 0600;

  record Ids(long uid, long gid) {}

  /** From {@code Config.User} of an inspected container, {@code uid[:gid]} or a name. */
  static ContainerUser of(@Nullable String configured) {
    var numeric = NUMERIC.matcher(configured == null ? "" : configured);
    if (!numeric.matches() || Long.parseLong(numeric.group(1)) == 0) {
      return new ContainerUser(Optional.empty());
    }
    var gid = numeric.group(2) == null ? 0 : Long.parseLong(numeric.group(2));
    return new ContainerUser(Optional.of(new Ids(Long.parseLong(numeric.group(1)), gid)));
  }

  /**
   * A file that this user can read, and nobody else where it is confidential and the user can be
   * told.
   */
  Entry ownedBy(String path, byte[] content, boolean confidential) {
    if (!confidential || uid.isEmpty()) {
      return Entry.file(path, content);
    }
    return new Entry(path, content, OWNER_ONLY, uid.get().uid(), uid.get().gid());
  }
}
