// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustStoreTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"ID=debian", "ID=ubuntu\nID_LIKE=debian", "NAME=\"Alpine Linux\"\nID=alpine"})
  void debianAndAlpine(String osRelease) {
    assertThat(TrustStore.of(osRelease)).contains(TrustStore.DEBIAN_OR_ALPINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ID=\"centos\"", "ID=\"almalinux\"", "ID=fedora", "ID_LIKE=\"rhel\"", "ID=RHEL"})
  void rhelFamily(String osRelease) {
    assertThat(TrustStore.of(osRelease)).contains(TrustStore.RHEL);
  }

  @Test
  void theFirstHitCounts() {
    assertThat(TrustStore.of("ID=fedora\nCOMMENT=like debian"))
        .contains(TrustStore.DEBIAN_OR_ALPINE);
  }

  @Test
  void others() {
    assertThat(TrustStore.of("ID=nixos")).isEmpty();
  }
}
