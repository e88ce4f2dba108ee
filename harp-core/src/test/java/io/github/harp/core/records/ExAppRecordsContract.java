// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.records;

import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Wait.failureOf;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.testing.FakeNextcloud;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What whoever keeps the records of ExApps promises. Lookups are answered by another thread. */
public abstract class ExAppRecordsContract {
  private final FakeNextcloud nextcloud = new FakeNextcloud().answeringFromAnotherThread();
  private ExAppRecords records;

  /** Empty records that look up what they don't know there. */
  protected abstract ExAppRecords records(Nextcloud nextcloud);

  @BeforeEach
  void startEmpty() {
    records = records(nextcloud);
  }

  @Test
  void whatWasPushedIsKnownWithoutAQuestion() {
    records.put(exApp("app"));

    assertThat(resultOf(records.get(new AppId("app")))).contains(exApp("app"));
    assertThat(records.peek(new AppId("app"))).contains(exApp("app"));
    assertThat(nextcloud.exAppQuestions()).isEmpty();
  }

  @Test
  void idsAreComparedWithoutCaseAndKeptAsPushed() {
    records.put(exApp("App_Skeleton"));

    assertThat(resultOf(records.get(new AppId("app_SKELETON"))).orElseThrow().id())
        .hasToString("App_Skeleton");
    assertThat(records.remove(new AppId("aPP_skeleton"))).isTrue();
  }

  @Test
  void aPushReplacesWhatWasKnown() {
    records.put(exApp("app"));
    records.put(exApp("app", publicRoute("^/new")));

    assertThat(records.peek(new AppId("app")).orElseThrow().routes().routes()).hasSize(1);
  }

  @Test
  void whatIsNotKnownIsLookedUpAndKept() {
    nextcloud.with(exApp("app"));

    assertThat(records.peek(new AppId("app"))).isEmpty();
    assertThat(resultOf(records.get(new AppId("app")))).contains(exApp("app"));
    assertThat(records.peek(new AppId("app"))).contains(exApp("app"));
  }

  @Test
  void anUnknownIdIsAnAnswer() {
    assertThat(resultOf(records.get(new AppId("nobody")))).isEmpty();
    assertThat(records.remove(new AppId("nobody"))).isFalse();
  }

  @Test
  void aPushEndsIgnorance() {
    resultOf(records.get(new AppId("app")));

    records.put(exApp("app"));

    assertThat(resultOf(records.get(new AppId("app")))).isPresent();
  }

  @Test
  void concurrentMissesShareOneLookup() {
    nextcloud.with(exApp("app")).hold();
    var all = Stream.generate(() -> records.get(new AppId("app"))).limit(50).toList();
    nextcloud.release();

    assertThat(all).allSatisfy(it -> assertThat(resultOf(it)).isPresent());
    assertThat(nextcloud.exAppQuestions()).hasSize(1);
  }

  @Test
  void allWhoWaitAreToldOfAFailureWhichIsNotKept() {
    nextcloud.with(exApp("app")).failWith(HarpException.Code.TIMED_OUT);
    nextcloud.hold();
    var first = records.get(new AppId("app"));
    var second = records.get(new AppId("app"));
    nextcloud.release();

    assertThat(failureOf(first)).isInstanceOf(HarpException.class);
    assertThat(failureOf(second)).isInstanceOf(HarpException.class);
    nextcloud.recover();
    assertThat(resultOf(records.get(new AppId("app")))).isPresent();
  }

  @Test
  @DisplayName("W21: a lookup in flight does not overwrite a newer push")
  void w21_aLookupDoesNotOverwriteAPush() {
    nextcloud.with(exApp("app")).hold();
    var lookup = records.get(new AppId("app"));
    records.put(exApp("app", publicRoute("^/pushed")));

    nextcloud.release();

    assertThat(routesOf(lookup)).isEqualTo(1);
    assertThat(routesOf(records.get(new AppId("app")))).isEqualTo(1);
  }

  @Test
  @DisplayName("W21: a lookup in flight does not resurrect what was removed")
  void w21_aLookupDoesNotResurrect() {
    nextcloud.with(exApp("app")).hold();
    var lookup = records.get(new AppId("app"));
    records.remove(new AppId("app"));

    nextcloud.release();
    resultOf(lookup);

    assertThat(records.peek(new AppId("app"))).isEmpty();
  }

  @Test
  void whoWatchesIsToldWhatArrivesOnceItIsKnown() {
    nextcloud.with(exApp("asked"));
    var told = watch();

    records.put(exApp("pushed"));
    resultOf(records.get(new AppId("asked")));
    resultOf(records.get(new AppId("asked")));
    resultOf(records.get(new AppId("nobody")));

    assertThat(told).containsExactly("pushed is known: true", "asked is known: true");
  }

  @Test
  void whoWatchesIsToldOfARemovalWhetherThereWasARecordOrNot() {
    records.put(exApp("app"));
    var told = watch();

    records.remove(new AppId("APP"));
    records.remove(new AppId("app"));

    assertThat(told).containsExactly("APP is removed: true", "app is removed: true");
  }

  @Test
  void whatNextcloudNoLongerKnowsIsRemoved() {
    records.put(exApp("app"));
    var told = watch();

    resultOf(records.refresh(new AppId("app")));
    resultOf(records.refresh(new AppId("app")));

    assertThat(told).containsExactly("app is removed: true");
  }

  @Test
  void whatLosesAgainstAPushIsNotTold() {
    nextcloud.with(exApp("app")).hold();
    var told = watch();
    var lookup = records.get(new AppId("app"));
    records.put(exApp("app"));

    nextcloud.release();
    resultOf(lookup);

    assertThat(told).containsExactly("app is known: true");
  }

  @Test
  void whoStopsWatchingIsToldNothingMoreAndWhoBreaksStopsNobody() {
    var told = new ArrayList<String>();
    records.watch(
        event -> {
          throw new IllegalStateException("breaks");
        });
    var watch = records.watch(event -> told.add(event.toString()));
    records.put(exApp("app"));

    watch.close();
    watch.close();
    records.remove(new AppId("app"));

    assertThat(told).hasSize(1);
  }

  /** What is told, and whether it is so when it is. */
  private List<String> watch() {
    var told = new CopyOnWriteArrayList<String>();
    records.watch(
        event ->
            event.when(
                known ->
                    told.add(
                        known.exApp().id()
                            + " is known: "
                            + records.peek(known.exApp().id()).isPresent()),
                removed ->
                    told.add(
                        removed.appId()
                            + " is removed: "
                            + records.peek(removed.appId()).isEmpty())));
    return told;
  }

  private static int routesOf(Future<Optional<ExApp>> record) {
    return resultOf(record).orElseThrow().routes().routes().size();
  }
}
