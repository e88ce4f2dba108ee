// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import java.time.Duration;

/** What tests let a session do; each has memory of its own. */
final class YamuxOptions {

  static final YamuxSession.Pings HOURLY = new YamuxSession.Pings(Duration.ofHours(1));

  private YamuxOptions() {}

  static YamuxSession.Options withoutPings() {
    return of(2048, 1 << 30, HOURLY);
  }

  /** For so many streams with the least that each may send unasked. */
  static YamuxSession.Options withBudgetFor(int streams) {
    return of(2048, streams * 256 * 1024, HOURLY);
  }

  static YamuxSession.Options of(int streams, int budgetBytes, YamuxSession.Pings pings) {
    return new YamuxSession.Options(streams, budgetBytes, pings, HeldBytes.limitedTo(256 << 20));
  }

  /** After streams 1 and 3, which were all that there was room for. */
  static void assertTheBudgetIsFree(RawPeer peer) {
    var before = peer.accepted.size();
    peer.sends("00 01 0001 00000005 00000000", "00 01 0001 00000007 00000000");
    assertThat(peer.accepted).hasSize(before + 2);
  }
}
