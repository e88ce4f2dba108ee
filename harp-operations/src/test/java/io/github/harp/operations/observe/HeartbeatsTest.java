// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.operations.observe.Heartbeats.Heartbeat;
import io.github.harp.proxy.RequestObserver;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class HeartbeatsTest extends RequestObserverContract {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Heartbeats heartbeats = new Heartbeats(Clock.fixed(NOW, ZoneOffset.UTC));

  @Override
  protected RequestObserver observer() {
    return heartbeats;
  }

  private void asked(String app, int status) {
    heartbeats.finished(
        FinishedRequests.of(
            "1", "/exapps/app/heartbeat", FinishedRequests.heartbeat(app), status, null));
  }

  @Test
  void theLastAnswerIsKept() {
    asked("app", 503);
    asked("app", 200);

    assertThat(heartbeats.of(InstanceName.FIRST, new AppId("app")))
        .hasValue(new Heartbeat(NOW, 200));
    assertThat(heartbeats.of(InstanceName.FIRST, new AppId("other"))).isEmpty();
    assertThat(heartbeats.of(new InstanceName("acme"), new AppId("app"))).isEmpty();
  }

  @Test
  void usersDoNotAskForOne() {
    heartbeats.finished(
        FinishedRequests.of(
            "1",
            "/exapps/app/heartbeat",
            FinishedRequests.toApp("app", AccessLevel.USER),
            200,
            null));

    assertThat(heartbeats.of(InstanceName.FIRST, new AppId("app"))).isEmpty();
  }

  @Test
  void noMoreAreKeptThanAnybodyHas() {
    for (int i = 0; i <= 1_000; i++) {
      asked("app" + i, 200);
    }
    asked("app0", 503);

    assertThat(heartbeats.of(InstanceName.FIRST, new AppId("app1000"))).isEmpty();
    assertThat(heartbeats.of(InstanceName.FIRST, new AppId("app0")))
        .hasValue(new Heartbeat(NOW, 503));
  }
}
