// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerIdsTest {

  private final IncomingFrames.PeerIds ids = new IncomingFrames.PeerIds();

  @Test
  void idsAreOddAndUsedOnce() {
    assertThat(ids.open(1)).isTrue();
    assertThat(ids.open(3)).isTrue();

    assertThat(ids.open(3)).isFalse();
    assertThat(ids.open(1)).isFalse();
    assertThat(ids.open(0)).isFalse();
    assertThat(ids.open(4)).isFalse();
  }

  @Test
  void streamsThatAreOpenedTogetherMayOvertakeEachOther() {
    assertThat(ids.open(7)).isTrue();
    assertThat(ids.wasOpened(3)).isFalse();

    assertThat(ids.open(3)).isTrue();
    assertThat(ids.open(1)).isTrue();
    assertThat(ids.open(5)).isTrue();

    assertThat(ids.open(3)).isFalse();
    assertThat(ids.wasOpened(3)).isTrue();
    assertThat(ids.wasOpened(9)).isFalse();
  }

  @Test
  void aWideJumpIsRefused() {
    assertThat(ids.open(1_000_001)).isFalse();
    assertThat(ids.open(-1)).isFalse();
    assertThat(ids.open(1)).isTrue();
  }

  @Test
  void nothingWasOpenedAtFirst() {
    assertThat(ids.wasOpened(1)).isFalse();
    assertThat(ids.wasOpened(-1)).isFalse();
  }
}
