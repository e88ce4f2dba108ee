// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.ban.FailuresContract;
import java.time.Duration;

/** Whether others hear of them or not, they are counted here as ever. */
class SharedFailuresTest extends FailuresContract {

  @Override
  protected Failures failures(int count, Duration window, Ticker time) {
    var alone = new SimulatedCluster(1, 0, 0).node(0);
    return alone.shares(new BanList("users", count, window, time));
  }
}
