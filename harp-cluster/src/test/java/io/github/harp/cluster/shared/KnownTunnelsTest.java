// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.TunnelHolder;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Of whom a node does not know all tunnels it says so, whoever was there before. */
class KnownTunnelsTest {

  private static final Claim OF_OTHER =
      new Claim(23_000, 7, "other", "node other", Optional.of(TunnelHolder.OF_KEY));

  private final ToldJournal journal = new ToldJournal();
  private final FewPeers nodes = new FewPeers();
  private final SharedTunnels tunnels =
      new SharedTunnels(new PassingTime(), journal, nodes, Clock.systemUTC(), "node this");

  /** By whom this has one tunnel, and says so. */
  private void hearOfOther() {
    var claims = new PortClaims("another", "node another");
    claims.hear(OF_OTHER);
    nodes.said.putAll(claims.digests());
    journal.hear("tunnel", TunnelText.of(OF_OTHER), Duration.ZERO, OF_OTHER.run());
  }

  @Test
  void whoIsThereIsKnownOnceItsTunnelsAre() {
    assertThat(tunnels.unknown()).isZero();
    nodes.said.put("other", 1L);
    assertThat(tunnels.unknown()).isEqualTo(1);

    hearOfOther();
    assertThat(tunnels.unknown()).isZero();
    nodes.said.put("other", 1L);
    assertThat(tunnels.unknown()).as("what it has opened since is heard soon").isZero();
  }

  @Test
  void whoIsGoneStandsForNobodyElse() {
    hearOfOther();
    assertThat(tunnels.unknown()).isZero();

    nodes.said.remove("other");
    nodes.said.put("fresh", 1L);
    assertThat(tunnels.unknown()).isEqualTo(1);
  }

  @Test
  void whatMayHaveBeenMissedIsNotKnown() {
    hearOfOther();
    assertThat(tunnels.unknown()).isZero();

    nodes.said.put("other", 1L);
    journal.misses();
    assertThat(tunnels.unknown()).isEqualTo(1);
  }
}
