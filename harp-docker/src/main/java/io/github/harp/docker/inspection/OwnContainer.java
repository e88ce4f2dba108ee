// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which container this process runs in, if any. */
final class OwnContainer {

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /** Docker and Podman put files of their own over these three, from a folder named by the id. */
  private static final Pattern FILE =
      Pattern.compile("/([0-9a-f]{64})/(?:userdata/)?(?:hostname|hosts|resolv\\.conf) ");

  private OwnContainer() {}

  /** The id that its engine knows it by. */
  static Optional<String> id() {
    try {
      return in(Files.readString(MOUNTS));
    } catch (IOException noLinux) {
      return Optional.empty();
    }
  }

  static Optional<String> in(String mounts) {
    var file = FILE.matcher(mounts);
    return file.find() ? Optional.of(file.group(1)) : Optional.empty();
  }
}
