// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.records;

import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CachedExAppRecordsTest extends ExAppRecordsContract {
  private final FakeNextcloud nextcloud = new FakeNextcloud();
  private final ManualTicker ticker = new ManualTicker();
  private final CachedExAppRecords records = new CachedExAppRecords(nextcloud, ticker);

  @Override
  protected ExAppRecords records(Nextcloud where) {
    return new CachedExAppRecords(where, ticker);
  }

  private Optional<ExApp> get(String id) {
    return records.get(new AppId(id)).result();
  }

  @Test
  void aRecordIsAskedForOnce() {
    nextcloud.with(exApp("app"));

    assertThat(get("app")).isPresent();
    assertThat(get("app")).isPresent();
    assertThat(get("APP")).isPresent();

    assertThat(nextcloud.exAppQuestions()).containsExactly("app");
  }

  @Test
  void countsWhatWasKnownAndWhatWasLookedUp() {
    nextcloud.with(exApp("app"));

    get("app");
    get("app");
    get("nobody");
    get("nobody");

    assertThat(records.stats().hitCount()).isEqualTo(2);
    assertThat(records.stats().missCount()).isEqualTo(2);
  }

  @Test
  void anUnknownIdIsNotAskedForAgainForAWhile() {
    get("nobody");
    ticker.advance(Duration.ofMillis(14_999));
    assertThat(get("nobody")).isEmpty();
    assertThat(nextcloud.exAppQuestions()).hasSize(1);

    ticker.advance(Duration.ofMillis(2));
    nextcloud.with(exApp("nobody"));
    assertThat(get("nobody")).isPresent();
  }

  @Test
  @DisplayName(
      "W30: an id in upper case is asked for as written when it is not known in lower case")
  void w30_anIdInUpperCaseIsFound() {
    nextcloud.with(exApp("App_Skeleton"));

    assertThat(get("App_Skeleton")).isPresent();

    assertThat(nextcloud.exAppQuestions()).containsExactly("app_skeleton", "App_Skeleton");
  }

  @Test
  @DisplayName("W21: a record is asked for again in the background")
  void w21_aRecordIsRefreshed() {
    nextcloud.with(exApp("app"));
    get("app");
    nextcloud.with(exApp("app", publicRoute("^/new"))).hold();
    ticker.advance(CachedExAppRecords.FRESH);

    assertThat(get("app").orElseThrow().routes().routes()).isEmpty();
    nextcloud.release();

    assertThat(get("app").orElseThrow().routes().routes()).hasSize(1);
    assertThat(nextcloud.exAppQuestions()).hasSize(2);
  }

  @Test
  @DisplayName("W21: an ExApp that Nextcloud has forgotten is forgotten")
  void w21_aForgottenExAppIsForgotten() {
    nextcloud.with(exApp("app"));
    get("app");
    nextcloud.without("app");
    ticker.advance(CachedExAppRecords.FRESH);
    get("app");

    assertThat(get("app")).isEmpty();
  }

  @Test
  void aRecordThatSaysTheSameKeepsItsCompiledRoutes() {
    nextcloud.with(exApp("app", publicRoute("^/a")));
    var before = get("app").orElseThrow();
    nextcloud.with(exApp("app", publicRoute("^/a")));
    ticker.advance(CachedExAppRecords.FRESH);
    get("app");

    assertThat(get("app").orElseThrow()).isSameAs(before);
  }

  @Test
  @DisplayName("W22: a record is served on while Nextcloud is out, and asked for now and then")
  void w22_aStaleRecordIsServed() {
    nextcloud.with(exApp("app"));
    get("app");
    nextcloud.failWith(Code.UNREACHABLE);
    ticker.advance(CachedExAppRecords.FRESH);

    get("app");
    assertThat(get("app")).isPresent();
    assertThat(nextcloud.exAppQuestions()).hasSize(2);

    ticker.advance(CachedExAppRecords.RETRY);
    assertThat(get("app")).isPresent();
    assertThat(nextcloud.exAppQuestions()).hasSize(3);
  }

  @Test
  @DisplayName("W22: but not for ever")
  void w22_aStaleRecordExpires() {
    nextcloud.with(exApp("app"));
    get("app");
    nextcloud.failWith(Code.UNREACHABLE);
    ticker.advance(CachedExAppRecords.STALE);

    assertThat(records.get(new AppId("app")).failed()).isTrue();
  }

  @Test
  @DisplayName("W11: unknown ids and lookups are bounded")
  void w11_unknownIdsAndLookupsAreBounded() {
    for (var i = 0; i < CachedExAppRecords.MAX_RECORDS + 5_000; i++) {
      get("id" + i);
    }
    nextcloud.hold();
    for (var i = 0; i < 1_024; i++) {
      records.get(new AppId("slow" + i));
    }

    assertThat(records.get(new AppId("one-too-many")).cause())
        .isInstanceOfSatisfying(
            HarpException.class, it -> assertThat(it.code()).isEqualTo(Code.BUSY));
  }

  @Test
  @DisplayName("S5: whatever is known, Nextcloud is asked again where there is a doubt")
  void s5_aRecordIsAskedForAgainWhereThereIsADoubt() {
    records.put(exApp("app"));
    get("gone");
    nextcloud.with(exApp("gone"));

    assertThat(records.refresh(new AppId("app")).result()).isEmpty();
    assertThat(records.peek(new AppId("app"))).isEmpty();
    assertThat(records.refresh(new AppId("gone")).result()).isPresent();
    assertThat(records.peek(new AppId("gone"))).isPresent();
    assertThat(nextcloud.exAppQuestions()).containsExactly("gone", "app", "gone");
  }
}
