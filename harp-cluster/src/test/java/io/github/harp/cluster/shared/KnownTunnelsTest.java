// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Peers;
import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.tunnels.TunnelHolder;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Of whom a node does not know all tunnels it says so, whoever was there before. */
class KnownTunnelsTest {

  private static final Claim OF_OTHER =
      new Claim(23_000, 7, "other", "node other", Optional.of(TunnelHolder.OF_KEY));

  private final Map<String, Consumer<Heard>> listeners = new HashMap<>();
  private final List<Runnable> missing = new ArrayList<>();
  private final Map<String, Long> said = new HashMap<>(Map.of("this", 0L));

  private final Journal journal =
      new Journal() {
        @Override
        public void listen(String kind, Consumer<Heard> listener) {
          listeners.put(kind, listener);
        }

        @Override
        public void whenMissing(Runnable listener) {
          missing.add(listener);
        }

        @Override
        public void tell(String kind, JsonObject event) {
          // Nobody hears it.
        }
      };

  private final Loop loop =
      new Loop() {
        @Override
        public void run(Runnable task) {
          task.run();
        }

        @Override
        public void after(Duration delay, Runnable task) {
          // That is never.
        }

        @Override
        public long nanos() {
          return 0;
        }
      };

  private final Peers nodes =
      new Peers() {
        @Override
        public String run() {
          return "this";
        }

        @Override
        public Map<String, Long> said() {
          return said;
        }

        @Override
        public void says(LongSupplier number) {
          // Nobody is told.
        }

        @Override
        public void whenRead(Runnable listener) {
          // Nobody looks.
        }
      };

  private final SharedTunnels tunnels =
      new SharedTunnels(loop, journal, nodes, Clock.systemUTC(), "node this");

  /** By whom this has one tunnel, and says so. */
  private void hearOfOther() {
    var claims = new PortClaims("another", "node another");
    claims.hear(OF_OTHER);
    said.putAll(claims.digests());
    listeners
        .get("tunnel")
        .accept(new Heard(TunnelText.of(OF_OTHER), Duration.ZERO, false, OF_OTHER.run()));
  }

  @Test
  void whoIsThereIsKnownOnceItsTunnelsAre() {
    assertThat(tunnels.unknown()).isZero();
    said.put("other", 1L);
    assertThat(tunnels.unknown()).isEqualTo(1);

    hearOfOther();
    assertThat(tunnels.unknown()).isZero();
    said.put("other", 1L);
    assertThat(tunnels.unknown()).as("what it has opened since is heard soon").isZero();
  }

  @Test
  void whoIsGoneStandsForNobodyElse() {
    hearOfOther();
    assertThat(tunnels.unknown()).isZero();

    said.remove("other");
    said.put("fresh", 1L);
    assertThat(tunnels.unknown()).isEqualTo(1);
  }

  @Test
  void whatMayHaveBeenMissedIsNotKnown() {
    hearOfOther();
    assertThat(tunnels.unknown()).isZero();

    said.put("other", 1L);
    missing.forEach(Runnable::run);
    assertThat(tunnels.unknown()).isEqualTo(1);
  }
}
