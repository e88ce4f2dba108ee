// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.core.notice.Amount;
import io.github.harp.transfer.peer.Course;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** How far a transfer is, how fast, and whether it is to go on. Thread-safe. */
final class Pace {

  /** What the rate is of. */
  private static final Duration RECENTLY = Duration.ofSeconds(8);

  private final LongSupplier nanos;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final long begun;
  private volatile String now = "";
  private volatile boolean stopped;
  private Course course = Course.UNKNOWN;
  private boolean hasBegun;
  private long all;
  private long there;
  private long moved;
  private long straight;
  private long relayed;

  private record Sample(long at, long moved) {}

  /**
   * @param nanos a clock
   */
  Pace(LongSupplier nanos) {
    this.nanos = nanos;
    this.begun = nanos.getAsLong();
  }

  /** From here on every step fails. */
  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  /**
   * @throws TransferException if somebody has stopped it
   */
  void requireGoing() throws TransferException {
    if (stopped) {
      throw new TransferException("stopped; begun again, it goes on from here");
    }
  }

  synchronized void goes(Course newCourse) {
    course = newCourse;
  }

  /** So much there is, of which some is left to be moved. */
  synchronized void begin(long bytes, long left) {
    all = bytes;
    there = bytes - Math.max(0, Math.min(left, bytes));
    hasBegun = true;
  }

  synchronized long left() {
    return all - there;
  }

  synchronized void moved(long bytes) {
    there += bytes;
    moved += bytes;
    if (course == Course.STRAIGHT) {
      straight += bytes;
    } else if (course == Course.RELAYED) {
      relayed += bytes;
    }
  }

  /** What it is busy with. */
  void at(String what) {
    now = what;
  }

  String now() {
    return now;
  }

  synchronized boolean hasBegun() {
    return hasBegun;
  }

  synchronized int percent() {
    return all == 0 ? 100 : (int) Math.min(100, 100.0 * there / all);
  }

  /** For people; what it says of the rate is of the last seconds. */
  synchronized String line() {
    long at = nanos.getAsLong();
    samples.addLast(new Sample(at, moved));
    while (samples.size() > 2 && at - samples.getFirst().at() > RECENTLY.toNanos()) {
      samples.removeFirst();
    }
    double seconds = (at - samples.getFirst().at()) / 1e9;
    double rate = seconds <= 0 ? 0 : (moved - samples.getFirst().moved()) / seconds;
    var left =
        rate < 1 || there >= all
            ? ""
            : ", " + Amount.time(Duration.ofSeconds((long) ((all - there) / rate))) + " left";
    var way = course.text().isEmpty() ? "" : ", " + course.text();
    return "%s of %s, %s/s%s%s"
        .formatted(Amount.bytes(there), Amount.bytes(all), Amount.bytes((long) rate), left, way);
  }

  /** How much this process has moved. */
  synchronized long total() {
    return moved;
  }

  /** What it came to. */
  synchronized String summary() {
    var time = Duration.ofNanos(nanos.getAsLong() - begun);
    return "%s in %s%s".formatted(Amount.bytes(moved), Amount.time(time), ways());
  }

  private String ways() {
    if (straight == 0 || relayed == 0) {
      var only = straight > 0 ? Course.STRAIGHT : relayed > 0 ? Course.RELAYED : Course.UNKNOWN;
      return only == Course.UNKNOWN ? "" : ", " + only.text();
    }
    return ", of it %s %s and %s %s"
        .formatted(
            Amount.bytes(straight),
            Course.STRAIGHT.text(),
            Amount.bytes(relayed),
            Course.RELAYED.text());
  }
}
