// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static io.github.harp.tunnel.yamux.Frames.RST_1;
import static io.github.harp.tunnel.yamux.YamuxOptions.HOURLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import org.junit.jupiter.api.Test;

/** Streams of a peer that carry nothing: some of all peers, and no more. */
class IdleStreamsTest {

  /** Of the smallest server. */
  private static final int MOST = 1_024;

  private final HeldBytes heldBytes = HeldBytes.limitedTo(1);
  private final RawPeer peer = peer();
  private final RawPeer another = peer();

  private RawPeer peer() {
    return RawPeer.ofServer(new YamuxSession.Options(2_048, 1L << 30, HOURLY, heldBytes));
  }

  private static void opens(RawPeer peer, int streams) {
    for (int i = 0; i < streams; i++) {
      peer.sends("00 01 0001 %08x 00000000".formatted(2 * peer.accepted.size() + 1));
      peer.othersHadTheirTurn();
    }
  }

  private static boolean isOpen(RawPeer peer, int index) {
    return peer.stream(index).channel.isOpen();
  }

  @Test
  void beyondTheirLimitTheOldestIsReset() {
    opens(peer, MOST / 2);
    opens(another, MOST / 2);
    peer.received();
    assertThat(isOpen(peer, 0)).isTrue();

    opens(another, 1);

    assertThat(peer.received()).isEqualTo(RST_1);
    assertThat(isOpen(peer, 0)).isFalse();
    assertThat(isOpen(peer, 1)).isTrue();
    assertThat(heldBytes.idle().count()).isEqualTo(MOST);
  }

  @Test
  void whatCarriesSomethingIsNoneOfThem() {
    opens(peer, 2);
    heldBytes.idle().remove(peer.stream(0).channel);

    opens(another, MOST);
    peer.received();

    assertThat(isOpen(peer, 0)).isTrue();
    assertThat(isOpen(peer, 1)).isFalse();
  }

  @Test
  void oneThatThePeerDoesNotEndIsOneOfThemAgain() {
    opens(peer, 1);
    heldBytes.idle().remove(peer.stream(0).channel);
    peer.stream(0).channel.close();
    peer.received();

    opens(another, MOST);

    assertThat(peer.received()).isEqualTo(RST_1);
  }

  @Test
  void whatIsGoneDoesNotCount() {
    opens(peer, 3);
    peer.stream(0).channel.close();
    peer.sends("00 01 0004 00000001 00000000", "00 01 0008 00000003 00000000");
    assertThat(heldBytes.idle().count()).isOne();
    assertThat(heldBytes.idle().countOf(peer.connection)).isOne();

    peer.connection.close();

    assertThat(heldBytes.idle().count()).isZero();
    assertThat(heldBytes.idle().countOf(peer.connection)).isZero();
  }
}
