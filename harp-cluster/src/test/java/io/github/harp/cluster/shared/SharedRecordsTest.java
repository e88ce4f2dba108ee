// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.records.ExAppRecordsContract;
import io.github.harp.core.testing.FakeNextcloud;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Whether others hear of them or not, they are kept here as ever. */
class SharedRecordsTest extends ExAppRecordsContract {

  private static final AppId APP = new AppId("app");

  private final ToldJournal journal = new ToldJournal();
  private long nowNanos;

  @Override
  protected ExAppRecords records(Nextcloud nextcloud) {
    return new SharedRecords(
        new CachedExAppRecords(nextcloud, Ticker.systemTicker()),
        new SimulatedCluster(1, 0, 0).node(0).journal());
  }

  private ExAppRecords records() {
    return recordsOf(new FakeNextcloud());
  }

  private ExAppRecords recordsOf(Nextcloud nextcloud) {
    return new SharedRecords(
        new CachedExAppRecords(nextcloud, Ticker.systemTicker()), journal, () -> nowNanos);
  }

  /** This node's own words, by their number. */
  private void hearOwn(int number) {
    var event = journal.told.get(number);
    journal.hearOwn(event.getString("kind"), event, Duration.ZERO);
  }

  private void hearOfOther(ExApp exApp) {
    hearOfOther(exApp, Duration.ZERO);
  }

  private void hearOfOther(ExApp exApp, Duration age) {
    journal.hear("record", RecordText.of(exApp), age, "another");
  }

  private static ExApp with(String route) {
    return exApp("app", publicRoute(route));
  }

  @Test
  void whatStandsBeforeItsOwnLastWordReplacesNothing() {
    var records = records();
    records.put(with("^/first"));
    records.put(with("^/last"));

    hearOfOther(with("^/earlier"));
    assertThat(records.peek(APP)).contains(with("^/last"));
    hearOwn(0);
    hearOfOther(with("^/between"));
    assertThat(records.peek(APP)).contains(with("^/last"));

    hearOwn(1);
    assertThat(records.peek(APP)).contains(with("^/last"));
    hearOfOther(with("^/later"));
    assertThat(records.peek(APP)).contains(with("^/later"));
  }

  @Test
  void whatStandsBeforeItRemovedItDoesNotBringItBack() {
    var records = records();
    records.put(with("^/first"));
    hearOwn(0);
    records.remove(APP);

    hearOfOther(with("^/earlier"));
    assertThat(records.peek(APP)).isEmpty();
    hearOwn(1);
    assertThat(records.peek(APP)).isEmpty();
    hearOfOther(with("^/later"));
    assertThat(records.peek(APP)).contains(with("^/later"));
  }

  @Test
  void whatIsHeardLateIsAskedForAndNotBelieved() {
    var nextcloud = new FakeNextcloud().with(with("^/asked"));
    var records = recordsOf(nextcloud);
    records.put(with("^/pushed"));
    hearOwn(0);

    hearOfOther(with("^/late"), Duration.ofMinutes(1));
    await().untilAsserted(() -> assertThat(records.peek(APP)).contains(with("^/asked")));

    nextcloud.with(with("^/asked again"));
    journal.hear("no record", new JsonObject().put("id", "app"), Duration.ofMinutes(1), "another");
    await().untilAsserted(() -> assertThat(records.peek(APP)).contains(with("^/asked again")));
  }

  @Test
  void whatIsHeardLateOfOneThatNobodyAsksForIsNoReasonToAsk() {
    var nextcloud = new FakeNextcloud().with(with("^/asked"));
    var records = recordsOf(nextcloud);

    hearOfOther(with("^/late"), Duration.ofMinutes(1));

    assertThat(records.peek(APP)).isEmpty();
    assertThat(nextcloud.exAppQuestions()).isEmpty();
  }

  @Test
  void whatItSaidItselfIsNoNewsWhenItIsHeard() {
    var records = records();
    var events = new ArrayList<ExAppRecords.Event>();
    records.put(with("^/first"));
    records.remove(APP);
    records.watch(events::add);
    hearOwn(0);
    hearOwn(1);
    assertThat(events).isEmpty();

    records.put(with("^/second"));
    hearOwn(2);
    assertThat(events).hasSize(1);
  }

  @Test
  void itsOwnWordsAreNotWaitedForForEver() {
    var records = records();
    records.put(with("^/lost on its way"));
    hearOfOther(with("^/earlier"));
    assertThat(records.peek(APP)).contains(with("^/lost on its way"));

    nowNanos = Duration.ofSeconds(11).toNanos();
    hearOfOther(with("^/later"));
    assertThat(records.peek(APP)).contains(with("^/later"));
  }

  @Test
  void wheneverSomethingMayBeMissingAllAreAskedFor() {
    var nextcloud = new FakeNextcloud().with(with("^/asked"));
    var records = recordsOf(nextcloud);
    records.put(with("^/pushed"));
    for (var times = 1; times <= 3; times++) {
      nextcloud.with(with("^/asked" + times));
      journal.misses();
      var asked = with("^/asked" + times);
      await().untilAsserted(() -> assertThat(records.peek(APP)).contains(asked));
    }
  }
}
