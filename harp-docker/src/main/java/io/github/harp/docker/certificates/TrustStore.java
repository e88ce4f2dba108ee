// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where a family of Linux distributions keeps certificates that an administrator adds. */
enum TrustStore {
  DEBIAN_OR_ALPINE("/usr/local/share/ca-certificates", List.of("update-ca-certificates")),
  RHEL("/etc/pki/ca-trust/source/anchors", List.of("update-ca-trust", "extract"));

  private static final List<String> DEBIAN_OR_ALPINE_NAMES = List.of("alpine", "debian", "ubuntu");
  private static final List<String> RHEL_NAMES = List.of("centos", "almalinux", "rhel", "fedora");

  private final String folder;
  private final List<String> updateCommand;

  TrustStore(String folder, List<String> updateCommand) {
    this.folder = folder;
    this.updateCommand = updateCommand;
  }

  String folder() {
    return folder;
  }

  String[] updateCommand() {
    return updateCommand.toArray(String[]::new);
  }

  /** By the content of {@code /etc/os-release}; empty for a family that is not known. */
  static Optional<TrustStore> of(String osRelease) {
    var text = osRelease.toLowerCase(Locale.ROOT);
    if (DEBIAN_OR_ALPINE_NAMES.stream().anyMatch(text::contains)) {
      return Optional.of(DEBIAN_OR_ALPINE);
    }
    return RHEL_NAMES.stream().anyMatch(text::contains) ? Optional.of(RHEL) : Optional.empty();
  }
}
