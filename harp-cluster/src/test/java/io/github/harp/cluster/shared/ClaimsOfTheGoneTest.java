// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.journal.SimulatedServers.Line;
import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelHolder;
import io.vertx.core.json.JsonObject;
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

  @Test
  void butNotWhatItToldLongAgo() {
    cluster.client(0).dial();
    pass();
    var gone = line("gone");
    gone.cut(true);
    gone.tell("tunnel", TunnelText.of(GONE));
    cluster.time.pass(Duration.ofSeconds(10));
    gone.cut(false);
    cluster.time.pass(Duration.ofSeconds(3));
    assertThat(cluster.client(0).dials()).isEqualTo(1);
    assertThat(cluster.agreesOnTunnels()).isTrue();
  }

  @Test
  void whoseTunnelsThePortHadIsToldWithTheTunnel() {
    var with = new ArrayList<JsonObject>();
    var line = cluster.streams.get(0).line("other");
    line.listen("tunnel", heard -> with.add(heard.event()));
    line.open();
    cluster.client(0).dial();
    pass();
    assertThat(with)
        .singleElement()
        .satisfies(it -> assertThat(it.getJsonObject("past").getInteger("port")).isEqualTo(PORT));

    var port = PORT + 5;
    var claim = new Claim(port, 1, "other", "node other", Optional.of(TunnelHolder.OF_KEY));
    var past = new Past(true, false, List.of());
    line.tell("tunnel", TunnelText.of(claim).put("past", TunnelText.of(port + 1, past)));
    pass();
    assertThat(cluster.foreignPorts(0)).containsExactlyInAnyOrder(port, port + 1);
  }

  @Test
  void whoseTunnelsThereWereOneTellsWhoAsks() {
    var several = new SimulatedCluster(10, 1, 0);
    several.client(0).dial();
    several.time.pass(Duration.ofSeconds(20));
    var with = new ArrayList<JsonObject>();
    var asking = several.streams.get(0).line("asking");
    asking.listen("ports of tunnels", heard -> with.add(heard.event()));
    asking.open();
    several.time.pass(Duration.ofSeconds(1));
    with.clear();
    asking.tell("which ports of tunnels", new JsonObject().put("run", "asking"));
    several.time.pass(Duration.ofSeconds(10));
    assertThat(with).hasSize(1);
  }

  @Test
  void whatOneThatLivesTellsItselfNobodyElseTells() {
    var several = new SimulatedCluster(4, 1, 0);
    several.client(0).dial();
    several.time.pass(Duration.ofSeconds(15));
    assertThat(several.agreesOnTunnels()).isTrue();
    var late = several.streams.get(0).line("late");
    late.listen("tunnel", heard -> told.add(TunnelText.claim(heard.event())));
    late.open();
    several.time.pass(Duration.ofSeconds(1));
    told.clear();

    late.tell(
        "tunnel",
        TunnelText.of(new Claim(PORT, 1, "late", "node late", Optional.of(TunnelHolder.OF_KEY))));
    several.time.pass(Duration.ofSeconds(10));

    assertThat(told.stream().filter(claim -> !claim.run().equals("late"))).hasSize(1);
    assertThat(several.client(0).dials()).isEqualTo(1);
  }
}
