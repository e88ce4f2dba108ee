// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.InstanceName;
import io.github.harp.operations.observe.FinishedRequests;
import io.github.harp.operations.observe.RequestObserverContract;
import io.github.harp.proxy.RequestObserver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficTest extends RequestObserverContract {

  private final Time time = new Time();
  private final Traffic traffic = new Traffic(time);

  @Override
  protected RequestObserver observer() {
    return traffic;
  }

  private void finish(String app, int status, int times) {
    for (int i = 0; i < times; i++) {
      traffic.finished(
          FinishedRequests.of(
              "1", "/x", FinishedRequests.toApp(app, AccessLevel.USER), status, null));
    }
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      time.now = time.now.plusSeconds(1);
      traffic.tick();
    }
  }

  @Test
  void aSecondHasItsRequestsErrorsAndBytes() {
    finish("app", 200, 3);
    finish("app", 502, 1);
    pass(1);

    assertThat(traffic.lastMinute())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.at()).isEqualTo(time.now.getEpochSecond());
              assertThat(it.requests()).isEqualTo(4);
              assertThat(it.errors()).isEqualTo(1);
              assertThat(it.bytesIn()).isEqualTo(40);
              assertThat(it.bytesOut()).isEqualTo(8_000);
              assertThat(it.median()).isCloseTo(7, within(1.5));
              assertThat(it.p99()).isCloseTo(7, within(1.5));
            });
  }

  @Test
  void keepsAMinuteInSecondsAnHourInMinutesAndADayInQuarters() {
    for (int i = 0; i < 25 * 3_600; i++) {
      finish("app", 200, 2);
      pass(1);
    }

    assertThat(traffic.lastMinute()).hasSize(60).allMatch(it -> it.requests() == 2);
    assertThat(traffic.lastHour()).hasSize(60).allMatch(it -> it.requests() == 2);
    assertThat(traffic.lastDay()).hasSize(96).allMatch(it -> it.requests() == 2);
    assertThat(traffic.now().requests()).isEqualTo(2);
  }

  @Test
  void aTickThatComesLateMakesALongerSample() {
    finish("app", 200, 30);
    time.now = time.now.plusSeconds(10);
    traffic.tick();

    assertThat(traffic.lastMinute())
        .singleElement()
        .satisfies(it -> assertThat(it.requests()).isEqualTo(3));
  }

  @Test
  void saysOfEachExAppWhatItHadToDoLately() {
    finish("app", 200, 60);
    finish("slow", 504, 6);
    pass(60);

    assertThat(traffic.ofExApps(InstanceName.FIRST)).containsOnlyKeys("app", "slow");
    assertThat(traffic.ofExApps(InstanceName.FIRST).get("app").requests()).isEqualTo(1);
    assertThat(traffic.ofExApps(InstanceName.FIRST).get("slow").errors()).isEqualTo(0.1);

    pass(400);

    assertThat(traffic.ofExApps(InstanceName.FIRST).get("app").requests()).isZero();
  }

  @Test
  void nobodyMakesItRememberMoreExAppsThanThereAre() {
    for (int i = 0; i < 600; i++) {
      finish("app" + i, 200, 1);
    }
    pass(1);

    assertThat(traffic.ofExApps(InstanceName.FIRST)).hasSize(500);
    assertThat(traffic.lastMinute().get(0).requests()).isEqualTo(600);
  }

  @ParameterizedTest
  @ValueSource(longs = {64, 100, 1_000, 7_300, 250_000, 61_000_000})
  void aPercentileIsOffByAFifthAtMost(long micros) {
    var latencies = new Latencies();
    latencies.add(micros);

    assertThat(Latencies.percentile(latencies.counts(), 0.99))
        .isCloseTo(micros / 1_000.0, within(micros / 1_000.0 * 0.2));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, Long.MAX_VALUE})
  void anyDurationHasAPlace(long micros) {
    var latencies = new Latencies();
    latencies.add(micros);

    assertThat(Latencies.percentile(latencies.counts(), 0.5)).isPositive();
  }

  @Test
  void nothingTakesNoTime() {
    assertThat(Latencies.percentile(new Latencies().counts(), 0.99)).isZero();
    assertThat(traffic.now().requests()).isZero();
  }

  private static final class Time extends Clock {
    private Instant now = Instant.EPOCH.plus(Duration.ofDays(20_000));

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
