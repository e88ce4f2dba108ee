// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whether others hear of them or not, they are kept here as ever. */
class SharedRecordsTest extends ExAppRecordsContract {

  private static final AppId APP = new AppId("app");

  private final List<JsonObject> told = new ArrayList<>();
  private final Map<String, Consumer<Heard>> listeners = new HashMap<>();

  private Runnable missing;
  private long nowNanos;

  private final Journal journal =
      new Journal() {
        @Override
        public void listen(String kind, Consumer<Heard> listener) {
          listeners.put(kind, listener);
        }

        @Override
        public void whenMissing(Runnable listener) {
          missing = listener;
        }

        @Override
        public void tell(String kind, JsonObject event) {
          told.add(event.copy().put("kind", kind));
        }
      };

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

  private void hear(JsonObject event, boolean own) {
    hear(event, own, Duration.ZERO);
  }

  private void hear(JsonObject event, boolean own, Duration age) {
    listeners
        .get(event.getString("kind"))
        .accept(new Heard(event, age, own, own ? "this" : "another"));
  }

  private void hearOfOther(ExApp exApp) {
    hear(RecordText.of(exApp).put("kind", "record"), false);
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
    hear(told.get(0), true);
    hearOfOther(with("^/between"));
    assertThat(records.peek(APP)).contains(with("^/last"));

    hear(told.get(1), true);
    assertThat(records.peek(APP)).contains(with("^/last"));
    hearOfOther(with("^/later"));
    assertThat(records.peek(APP)).contains(with("^/later"));
  }

  @Test
  void whatStandsBeforeItRemovedItDoesNotBringItBack() {
    var records = records();
    records.put(with("^/first"));
    hear(told.get(0), true);
    records.remove(APP);

    hearOfOther(with("^/earlier"));
    assertThat(records.peek(APP)).isEmpty();
    hear(told.get(1), true);
    assertThat(records.peek(APP)).isEmpty();
    hearOfOther(with("^/later"));
    assertThat(records.peek(APP)).contains(with("^/later"));
  }

  @Test
  void whatIsHeardLateIsAskedForAndNotBelieved() {
    var nextcloud = new FakeNextcloud().with(with("^/asked"));
    var records = recordsOf(nextcloud);
    records.put(with("^/pushed"));
    hear(told.get(0), true);

    hear(RecordText.of(with("^/late")).put("kind", "record"), false, Duration.ofMinutes(1));
    await().untilAsserted(() -> assertThat(records.peek(APP)).contains(with("^/asked")));

    nextcloud.with(with("^/asked again"));
    hear(new JsonObject().put("kind", "no record").put("id", "app"), false, Duration.ofMinutes(1));
    await().untilAsserted(() -> assertThat(records.peek(APP)).contains(with("^/asked again")));
  }

  @Test
  void whatIsHeardLateOfOneThatNobodyAsksForIsNoReasonToAsk() {
    var nextcloud = new FakeNextcloud().with(with("^/asked"));
    var records = recordsOf(nextcloud);

    hear(RecordText.of(with("^/late")).put("kind", "record"), false, Duration.ofMinutes(1));

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
    hear(told.get(0), true);
    hear(told.get(1), true);
    assertThat(events).isEmpty();

    records.put(with("^/second"));
    hear(told.get(2), true);
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
      missing.run();
      var asked = with("^/asked" + times);
      await().untilAsserted(() -> assertThat(records.peek(APP)).contains(asked));
    }
  }
}
