// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.key.SharedKey;
import org.junit.jupiter.api.Test;

class IdentityTest {

  private final Identity command = new Identity(SharedKey.of("the-key-of-the-test"));
  private final Identity gateway = new Identity(SharedKey.of("the-key-of-the-test"));
  private final Identity stranger = new Identity(SharedKey.of("another-key"));

  @Test
  void whoHasTheSameKeyProvesIt() {
    var nonce = Identity.newNonce();

    assertThat(command.isProved(nonce, gateway.proof(nonce))).isTrue();
  }

  @Test
  void neitherAnotherKeyNorAnOlderProofNorSilenceIsOne() {
    var nonce = Identity.newNonce();

    assertThat(command.isProved(nonce, stranger.proof(nonce))).isFalse();
    assertThat(command.isProved(nonce, gateway.proof(Identity.newNonce()))).isFalse();
    assertThat(command.isProved(nonce, "")).isFalse();
  }

  @Test
  void noncesDiffer() {
    assertThat(Identity.newNonce()).isNotEqualTo(Identity.newNonce());
  }
}
