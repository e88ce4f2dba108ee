// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.REFUSED;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.docker.testing.FakeEngine.Reply;
import io.vertx.core.Future;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AwaitStartOrderTest extends OrdersOnAFakeEngine {

  private static final String INSPECT = "GET " + CONTAINER + "/json";
  private static final String EVENTS = "GET /events";

  @Test
  void runningWithoutAHealthCheck() throws Exception {
    answer(INSPECT, state("running", null));

    assertThat(awaited()).isEqualTo(new StartOutcome(true, "running", null, null));
    assertThat(engine.calls()).as("no need for events").containsExactly(INSPECT);
  }

  @Test
  void runningAndHealthy() throws Exception {
    answer(INSPECT, state("running", "healthy"));

    assertThat(awaited()).isEqualTo(new StartOutcome(true, "running", "healthy", null));
  }

  @Test
  void runningAndUnhealthyCountsAsStarted() throws Exception {
    answer(INSPECT, state("running", "unhealthy"));

    assertThat(awaited()).isEqualTo(new StartOutcome(true, "running", "unhealthy", "unhealthy"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "none"})
  @DisplayName("W26 a health check that says nothing is none")
  void w26_emptyHealth(String health) throws Exception {
    answer(INSPECT, state("running", health));

    assertThat(awaited()).isEqualTo(new StartOutcome(true, "running", null, null));
  }

  @Test
  @DisplayName("W26 Health may be null")
  void w26_nullHealth() throws Exception {
    answer(
        INSPECT,
        Reply.json(200, "{\"State\":{\"Status\":\"running\",\"Running\":true,\"Health\":null}}"));

    assertThat(awaited()).isEqualTo(new StartOutcome(true, "running", null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"paused", "exited", "dead"})
  void statesThatNothingComesOf(String status) throws Exception {
    answer(INSPECT, state(status, "starting"));

    assertThat(awaited())
        .isEqualTo(new StartOutcome(false, status, "starting", "non-recoverable state: " + status));
  }

  @Test
  void noContainer() throws Exception {
    assertThat(awaited())
        .isEqualTo(new StartOutcome(false, "not_found", null, "container not found"));
  }

  @Test
  void anEventMakesItLookAgain() throws Exception {
    var looks = new AtomicInteger();
    var event = new CountDownLatch(1);
    answer(
        INSPECT,
        out -> {
          // Once before the subscription and once because of it; the third is due to the event.
          var look = looks.incrementAndGet();
          if (look == 2) {
            event.countDown();
          }
          state("running", look < 3 ? "starting" : "healthy").to(out);
        });
    answer(
        EVENTS,
        out -> {
          Reply.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n").to(out);
          out.flush();
          event.await();
          Reply.raw("{\"Type\":\"container\",\"Action\":\"health_status: healthy\"}\n").to(out);
          new CountDownLatch(1).await();
        });

    assertThat(awaited().health()).isEqualTo("healthy");
    assertThat(looks).hasValue(3);
    assertThat(requestOf(EVENTS).target()).contains("nc_app_demo").contains("filters=");
  }

  @Test
  void anEngineWithoutEventsIsAskedAgainAndAgain() throws Exception {
    var looks = new AtomicInteger();
    answer(
        INSPECT,
        out -> state("running", looks.incrementAndGet() < 3 ? "starting" : "healthy").to(out));

    assertThat(awaited()).isEqualTo(new StartOutcome(true, "running", "healthy", null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"created", "restarting", "removing"})
  @Tag(UNTIL_A_LIMIT)
  void patienceEnds(String status) throws Exception {
    answer(INSPECT, state(status, null));

    assertThat(awaited())
        .isEqualTo(new StartOutcome(false, status, null, "timeout after max tries"));
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void aCallThatTakesTooLongEndsTheWaitWithWhatWasSeenLast() throws Exception {
    var looks = new AtomicInteger();
    answer(
        INSPECT,
        out -> {
          if (looks.incrementAndGet() == 1) {
            state("running", "starting").to(out);
          } else {
            Reply.silence().to(out);
          }
        });

    assertThat(awaited())
        .isEqualTo(new StartOutcome(false, "running", "starting", "overall timeout"));
  }

  @Test
  @Tag(UNTIL_A_LIMIT)
  void aFirstCallThatTakesTooLong() throws Exception {
    answer(INSPECT, Reply.silence());

    assertThat(awaited()).isEqualTo(new StartOutcome(false, "unknown", null, "overall timeout"));
  }

  @Test
  void anEngineThatSaysNo() {
    answer(INSPECT, Reply.no(500, "database is locked"));

    assertFails(runtime().awaitStart(DEMO), REFUSED, "500", "database is locked");
  }

  @Test
  void anEngineThatIsGone() {
    var runtime = runtime();
    engines.reconnect(
        loop ->
            Future.failedFuture(
                new HarpException(HarpException.Code.UNREACHABLE, "tunnel:24000 is closed")));

    assertFails(runtime.awaitStart(DEMO), UNREACHABLE, "tunnel:24000 is closed");
  }

  private StartOutcome awaited() throws Exception {
    return get(runtime().awaitStart(DEMO));
  }

  private static Reply state(String status, @Nullable String health) {
    var healthJson = health == null ? "" : ",\"Health\":{\"Status\":\"" + health + "\"}";
    return Reply.json(
        200, "{\"Id\":\"abc\",\"State\":{\"Status\":\"" + status + "\"" + healthJson + "}}");
  }
}
