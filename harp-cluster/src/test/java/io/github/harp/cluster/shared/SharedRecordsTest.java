// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.records.ExAppRecordsContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whether others hear of them or not, they are kept here as ever. */
class SharedRecordsTest extends ExAppRecordsContract {

  private static ClosedJournal journal;

  @BeforeAll
  static void makeJournal() {
    journal = new ClosedJournal();
  }

  @AfterAll
  static void closeJournal() {
    journal.close();
  }

  @Override
  protected ExAppRecords records(Nextcloud nextcloud) {
    return new SharedRecords(
        new CachedExAppRecords(nextcloud, Ticker.systemTicker()), journal.get());
  }
}
