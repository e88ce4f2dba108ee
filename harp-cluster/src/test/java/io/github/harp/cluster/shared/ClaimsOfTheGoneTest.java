// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.journal.SimulatedServers.Line;
import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.TunnelHolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is remembered of a node that is gone ends no tunnel. */
class ClaimsOfTheGoneTest {

  private static final int PORT = 23_000;

  /** Later than any of the living. */
  private static final long TURN = Long.MAX_VALUE / 2;

  private static final Claim GONE =
      new Claim(PORT, TURN, "gone", "node gone", Optional.of(TunnelHolder.OF_KEY));

  private final SimulatedCluster cluster = new SimulatedCluster(1, 1, 0);
  private final List<Claim> told = new ArrayList<>();

  private Line line(String run) {
    var line = cluster.streams.get(0).line(run);
    line.listen("tunnel", heard -> told.add(TunnelText.claim(heard.event())));
    line.open();
    return line;
  }

  private void pass() {
    cluster.time.pass(Duration.ofSeconds(1));
  }

  @Test
  void whatAnotherTellsOfItIsNoSignThatItLives() {
    cluster.client(0).dial();
    pass();
    var other = line("other");
    for (var i = 0; i < 8; i++) {
      other.tell("tunnel", TunnelText.of(GONE));
      pass();
    }
    assertThat(cluster.client(0).dials()).isEqualTo(1);
    assertThat(cluster.agreesOnTunnels()).isTrue();
    // So that whoever remembers the other one knows that it is over.
    assertThat(told.get(told.size() - 1).turn()).isEqualTo(TURN + 1);
  }

  @Test
  void whatItTellsItselfIs() {
    cluster.client(0).dial();
    pass();
    line("gone").tell("tunnel", TunnelText.of(GONE));
    cluster.time.pass(Duration.ofSeconds(3));
    assertThat(cluster.client(0).dials()).isEqualTo(2);
  }
}
