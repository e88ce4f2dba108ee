// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.testing.TestExApp;
import io.vertx.core.Future;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordsOnThisHostTest {

  private final CachedExAppRecords records =
      new CachedExAppRecords(new NobodyHome(), Ticker.systemTicker());

  @Test
  void findsTheExAppThatListensOnAPortOfThisHost() {
    records.put(exApp("one", "127.0.0.1", 23000));
    records.put(exApp("two", "127.0.0.1", 23001));

    assertThat(records.onThisHost(23001)).extracting(ExApp::id).containsExactly(new AppId("two"));
    assertThat(records.onThisHost(23002)).isEmpty();
  }

  @Test
  void anExAppElsewhereHasNoPortHere() {
    records.put(exApp("one", "nc_app_one", 23000));

    assertThat(records.onThisHost(23000)).isEmpty();
  }

  @Test
  void aRemovedExAppHasNoPortAnyMore() {
    records.put(exApp("one", "127.0.0.1", 23000));
    records.remove(new AppId("ONE"));

    assertThat(records.onThisHost(23000)).isEmpty();
  }

  private static ExApp exApp(String id, String host, int port) {
    return TestExApp.at(host, port, id, "secret");
  }

  private static final class NobodyHome implements Nextcloud {
    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      return Future.succeededFuture(Optional.empty());
    }
  }
}
