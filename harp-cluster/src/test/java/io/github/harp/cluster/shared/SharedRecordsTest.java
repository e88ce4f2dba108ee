// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.records.ExAppRecordsContract;

/** Whether others hear of them or not, they are kept here as ever. */
class SharedRecordsTest extends ExAppRecordsContract {

  @Override
  protected ExAppRecords records(Nextcloud nextcloud) {
    return new SharedRecords(
        new CachedExAppRecords(nextcloud, Ticker.systemTicker()),
        new SimulatedCluster(1, 0, 0).node(0).journal());
  }
}
