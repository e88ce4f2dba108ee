// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.InstanceName;
import io.github.harp.core.decision.Reason;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.RequestRecord.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentRequestsTest extends RequestObserverContract {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final RecentRequests recent = new RecentRequests(Clock.fixed(NOW, ZoneOffset.UTC));

  @Override
  protected RequestObserver observer() {
    return recent;
  }

  private static RequestRecord request(String id, String path) {
    return FinishedRequests.of(
        id, path, FinishedRequests.toApp("app", AccessLevel.USER), 200, null);
  }

  @Test
  void findsARequestByTheBeginningOfItsId() {
    recent.finished(request("4fab", "/exapps/app/x"));
    recent.finished(request("4gab", "/exapps/app/y"));

    assertThat(recent.find("4f", 10))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.id()).isEqualTo("4fab");
              assertThat(it.ended()).isEqualTo(NOW);
              assertThat(it.path()).isEqualTo("/exapps/app/x");
              assertThat(it.client()).isEqualTo(FinishedRequests.CLIENT);
              assertThat(it.status()).isEqualTo(200);
              assertThat(it.upstream()).isEqualTo("tunnel:23000");
              assertThat(it.total()).isEqualTo(Duration.ofMillis(9));
              assertThat(it.decided())
                  .contains(
                      new RecentRequests.Decided(
                          InstanceName.FIRST,
                          "forward",
                          Reason.ROUTE_ALLOWED,
                          false,
                          "app",
                          "user"));
            });
    assertThat(recent.find("4", 1)).hasSize(1);
    assertThat(recent.find("4h", 10)).isEmpty();
  }

  @Test
  void saysWhatWentWrongAndWhoWasNotDecidedAbout() {
    var failure = new Failure(Failure.Kind.MALFORMED_REQUEST, "two lengths");
    recent.finished(FinishedRequests.of("1", "-", null, 400, failure));

    assertThat(recent.find("1", 1))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.problem()).isEqualTo("MALFORMED_REQUEST: two lengths");
              assertThat(it.client()).isEqualTo(FinishedRequests.PROXY);
              assertThat(it.decided()).isEmpty();
            });
  }

  @Test
  void findsThoseThatWereRefusedOrHaveFailed() {
    var toApp = FinishedRequests.toApp("app", AccessLevel.USER);
    var refused = FinishedRequests.refused(404, Reason.NO_ROUTE, true);
    recent.finished(FinishedRequests.of("fine", "/x", toApp, 404, null));
    recent.finished(FinishedRequests.of("left", "/x", toApp, 0, null));
    recent.finished(FinishedRequests.of("failed", "/x", toApp, 502, null));
    recent.finished(FinishedRequests.of("refused", "/x", refused, 404, null));
    recent.finished(FinishedRequests.of("unread", "/x", null, 400, null));

    assertThat(ids(recent.refused(10))).containsExactlyInAnyOrder("failed", "refused", "unread");
    assertThat(recent.refused(1)).hasSize(1);
    assertThat(ids(recent.refusedBy(InstanceName.FIRST::equals, 10)))
        .containsExactlyInAnyOrder("failed", "refused");
    assertThat(recent.refusedBy(name -> false, 10)).isEmpty();
  }

  @Test
  void whoeverIsRefusedOftenHidesNobody() {
    var banned = FinishedRequests.refused(403, Reason.BANNED, false);
    recent.finished(FinishedRequests.of("once", "/x", null, 400, null));
    for (int i = 0; i < 100; i++) {
      recent.finished(FinishedRequests.of("often" + i, "/x", banned, 403, null));
    }

    assertThat(recent.refused(8)).hasSize(2);
  }

  private static List<String> ids(List<RecentRequests.Remembered> requests) {
    return requests.stream().map(RecentRequests.Remembered::id).toList();
  }

  @Test
  void forgetsTheOldestAndCutsWhatIsLong() {
    recent.finished(request("first", "/x"));
    for (int i = 0; i < RecentRequests.MOST; i++) {
      recent.finished(request("id" + i, "/" + "x".repeat(8_000)));
    }

    assertThat(recent.find("first", 1)).isEmpty();
    assertThat(recent.find("id", 5_000))
        .hasSize(RecentRequests.MOST)
        .allMatch(it -> it.path().length() == 300);
  }
}
