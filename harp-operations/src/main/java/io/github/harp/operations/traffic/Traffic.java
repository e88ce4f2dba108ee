// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts requests while they end, and keeps how much that was in the last minute, hour and day, and
 * of each ExApp in the last minutes. Takes less than two megabytes whatever comes. Event loops only
 * count; whoever looks ticks, once a second or less often. Thread-safe.
 */
public final class Traffic implements RequestObserver {

  /** As many as anybody has; the others count in the sums. */
  private static final int MOST_EXAPPS = 500;

  private static final int RECENT_SECONDS = 300;
  private static final int SNAPSHOT_SECONDS = 60;

  private final Clock clock;
  private final Counters all = new Counters();
  private final Map<Whose, OfExApp> exApps = new ConcurrentHashMap<>();
  private final Ring recent;
  private final Ring minute;
  private final Ring hour;
  private final Ring day;

  public Traffic(Clock clock) {
    this.clock = clock;
    var nothing = all.now();
    long now = seconds();
    this.recent = new Ring(10, 1, now, nothing);
    this.minute = new Ring(1, 60, now, nothing);
    this.hour = new Ring(60, 60, now, nothing);
    this.day = new Ring(900, 96, now, nothing);
  }

  private record Whose(InstanceName nextcloud, AppId exApp) {}

  /** What one ExApp had to do lately. */
  private static final class OfExApp {
    final Counters counters = new Counters();
    final Deque<Snapshot> snapshots = new ArrayDeque<>();

    OfExApp(long now) {
      snapshots.add(new Snapshot(now, counters.now()));
    }
  }

  private record Snapshot(long at, Totals totals) {}

  @Override
  public void finished(RequestRecord request) {
    all.add(request);
    var verdict = request.verdict();
    if (verdict != null) {
      verdict
          .decision()
          .forward()
          .map(to -> new Whose(verdict.instance().name(), to.exApp().id()))
          .ifPresent(whose -> count(whose, request));
    }
  }

  private void count(Whose whose, RequestRecord request) {
    var known = exApps.get(whose);
    if (known == null && exApps.size() < MOST_EXAPPS) {
      known = exApps.computeIfAbsent(whose, it -> new OfExApp(seconds()));
    }
    if (known != null) {
      known.counters.add(request);
    }
  }

  private long seconds() {
    return clock.instant().getEpochSecond();
  }

  /** Ends what has gone on for long enough. */
  public synchronized void tick() {
    long now = seconds();
    var totals = all.now();
    recent.tick(now, totals);
    minute.tick(now, totals);
    hour.tick(now, totals);
    day.tick(now, totals);
    for (var of : exApps.values()) {
      var last = of.snapshots.getLast();
      if (now - last.at >= SNAPSHOT_SECONDS) {
        of.snapshots.addLast(new Snapshot(now, of.counters.now()));
      }
      while (now - of.snapshots.getFirst().at > RECENT_SECONDS) {
        of.snapshots.removeFirst();
      }
    }
  }

  /** The last ten seconds together. */
  public synchronized TrafficSample now() {
    var last = recent.samples();
    return last.isEmpty() ? new TrafficSample(seconds(), 0, 0, 0, 0, 0, 0) : last.get(0);
  }

  /** A sample for each second, the oldest first. */
  public synchronized List<TrafficSample> lastMinute() {
    return minute.samples();
  }

  /** A sample for each minute. */
  public synchronized List<TrafficSample> lastHour() {
    return hour.samples();
  }

  /** A sample for each quarter of an hour. */
  public synchronized List<TrafficSample> lastDay() {
    return day.samples();
  }

  /** What ExApps of a Nextcloud had to do in the last five minutes, by their ids. */
  public synchronized Map<String, TrafficSample> ofExApps(InstanceName nextcloud) {
    long now = seconds();
    var recent = new TreeMap<String, TrafficSample>();
    exApps.forEach(
        (whose, of) -> {
          if (!whose.nextcloud.equals(nextcloud)) {
            return;
          }
          var first = of.snapshots.getFirst();
          var seconds = Math.max(1, now - first.at);
          recent.put(whose.exApp.text(), of.counters.now().since(first.totals).over(now, seconds));
        });
    return recent;
  }
}
