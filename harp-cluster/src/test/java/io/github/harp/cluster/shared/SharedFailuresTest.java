// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.ban.FailuresContract;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether others hear of them or not, they are counted here as ever. */
class SharedFailuresTest extends FailuresContract {

  @Override
  protected Failures failures(int count, Duration window, Ticker time) {
    var alone = new SimulatedCluster(1, 0, 0).node(0);
    return alone.shares(new BanList("users", count, window, time));
  }

  @Test
  void whatANodeOfAnEarlierVersionTellsCountsAsItDidThere() {
    var cluster = new SimulatedCluster(1, 0, 0);
    var earlier = cluster.streams.get(0).line("earlier");
    var mallory = SimulatedCluster.address(1);
    var failure = new JsonObject().put("network", "10.0.0.1").put("reason", "GUESS");
    earlier.tell("failure of users", failure);
    earlier.tell("failure of users", failure);
    cluster.node(0).fails(mallory);
    cluster.time.pass(Duration.ofSeconds(1));
    assertThat(cluster.counted(0, mallory)).containsExactly(3);

    var all = new JsonArray();
    for (var i = 0; i < 5; i++) {
      all.add(new JsonObject().put("reason", "GUESS").put("age", 1_000));
    }
    var known = new JsonObject().put("network", "10.0.0.1").put("failures", all);
    for (var i = 0; i < 2; i++) {
      earlier.tellAll("failures of users", "networks", List.of(known));
      cluster.time.pass(Duration.ofSeconds(1));
      assertThat(cluster.counted(0, mallory)).containsExactly(5);
    }
  }
}
