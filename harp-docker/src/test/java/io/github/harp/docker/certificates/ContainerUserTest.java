// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.docker.certificates.ContainerUser.Ids;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerUserTest {

  @ParameterizedTest
  @CsvSource({"1000,1000,0", "1000:2000,1000,2000"})
  void whoseNumberIsKnown(String configured, long uid, long gid) {
    assertThat(ContainerUser.of(configured).uid()).contains(new Ids(uid, gid));
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "1000:app", "app:1000", "-1", "99999999999"})
  void whoseNumberIsNot(String configured) {
    assertThat(ContainerUser.of(configured).uid()).isEqualTo(Optional.empty());
  }

  @ParameterizedTest(name = "F11: {0}")
  @NullAndEmptySource
  @ValueSource(strings = {"root", "0", "0:0", "0:1000", "root:root"})
  void f11_rootMayBecomeAnybodyBeforeItReadsTheKey(String configured) {
    assertThat(ContainerUser.of(configured).ownedBy("key", new byte[] {1}, true))
        .returns(0644, ContainerFiles.Entry::mode)
        .returns(0L, ContainerFiles.Entry::uid);
  }

  @Test
  void keepsWhatIsConfidentialForOneUserAndOtherFilesForAll() {
    var user = ContainerUser.of("1000:2000");
    var content = new byte[] {1};

    assertThat(user.ownedBy("key", content, true))
        .returns(0600, ContainerFiles.Entry::mode)
        .returns(1000L, ContainerFiles.Entry::uid)
        .returns(2000L, ContainerFiles.Entry::gid);
    assertThat(user.ownedBy("crt", content, false))
        .returns(0644, ContainerFiles.Entry::mode)
        .returns(0L, ContainerFiles.Entry::uid);
  }
}
