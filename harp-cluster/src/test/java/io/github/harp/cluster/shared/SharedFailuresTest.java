// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.ban.FailuresContract;
import java.time.Duration;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whether others hear of them or not, they are counted here as ever. */
class SharedFailuresTest extends FailuresContract {

  private static ClosedJournal journal;

  @BeforeAll
  @BeforeContainer
  static void makeJournal() {
    journal = new ClosedJournal();
  }

  @AfterAll
  @AfterContainer
  static void closeJournal() {
    journal.close();
  }

  @Override
  protected Failures failures(int count, Duration window, Ticker time) {
    return new SharedFailures(new BanList("users", count, window, time), journal.get());
  }
}
