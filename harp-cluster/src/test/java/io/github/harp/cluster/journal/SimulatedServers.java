// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What Redis is to the nodes: a stream that is read from where one has read last, and shortened,
 * and lost. Written and read with the delays and numbers of {@link Outbox} and {@link Follower}.
 */
public final class SimulatedServers {

  private static final Duration LATENCY = Duration.ofMillis(5);
  private static final Duration GATHER = Duration.ofMillis(20);
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration PAST = Duration.ofMinutes(5);
  private static final Duration RECENT = Duration.ofMinutes(1);
  private static final int MAX_ENTRY_EVENTS = 32;
  private static final int MAX_AT_ONCE = 64;
  private static final int MAX_ENTRIES = 20_000;

  private record Told(JsonObject event, long since) {}

  private record Entry(String writer, long number, long at, List<Told> events) {}

  private final SimulatedTime time;
  private final Random random;
  private final List<Entry> stream = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();

  /** How many of the stream are there no more. */
  private int shortenedBy;

  private long written;
  private long delivered;
  private long events;

  public SimulatedServers(SimulatedTime time, Random random) {
    this.time = time;
    this.random = random;
  }

  /** What a process tells and hears. */
  public Line line(String writer) {
    var line = new Line(writer);
    lines.add(line);
    return line;
  }

  /** All data is lost. */
  public void flush() {
    stream.clear();
    shortenedBy = 0;
    lines.forEach(Line::begin);
  }

  /** All but this much is gone. */
  public void shorten(int left) {
    if (stream.size() - left > shortenedBy) {
      shortenedBy = stream.size() - left;
    }
  }

  /**
   * What was written, and read by all nodes together.
   *
   * @param read how often an entry was
   */
  public record Counts(long events, long entries, long read) {

    /** Both together. */
    public Counts and(Counts other) {
      return new Counts(events + other.events, entries + other.entries, read + other.read);
    }

    @Override
    public String toString() {
      return "%,d events in %,d entries, read %,d times".formatted(events, entries, read);
    }
  }

  public Counts counts() {
    return new Counts(events, written, delivered);
  }

  private void append(Entry entry) {
    stream.add(entry);
    shorten(MAX_ENTRIES);
    written++;
    events += entry.events().size();
    lines.forEach(Line::readSoon);
  }

  /** A node's way to the servers. */
  public final class Line implements Journal {
    private final String writer;
    private final Map<String, Consumer<Heard>> listeners = new HashMap<>();
    private final List<Runnable> missing = new ArrayList<>();
    private final Queue<Told> waiting = new ArrayDeque<>();
    private final Sequences sequences = new Sequences();
    private int next;
    private long number;
    private long told;
    private long toldAt;
    private boolean writing;
    private boolean reading;
    private boolean readOnce;
    private boolean cut;
    private boolean isRobbed;
    private boolean closed;

    private Line(String writer) {
      this.writer = writer;
    }

    /** From now on it hears, first of what others have told some time ago. */
    public void open() {
      while (next < stream.size() && stream.get(next).at() < time.nanos() - PAST.toNanos()) {
        next++;
      }
      readSoon();
    }

    /** As {@link Follower} does, what it may have missed is noticed when it is back. */
    public void cut(boolean isCut) {
      if (cut && !isCut && (isRobbed || shortenedBy > next)) {
        missing.forEach(Runnable::run);
      }
      isRobbed &= isCut;
      cut = isCut;
      readSoon();
    }

    private void begin() {
      next = 0;
      isRobbed |= cut;
    }

    /** How far it has written, in the last minute. */
    public long told() {
      return time.nanos() - toldAt < RECENT.toNanos() ? told : 0;
    }

    /** So far others have. */
    public void compare(Map<String, Long> others) {
      if (readOnce && sequences.lacks(others)) {
        missing.forEach(Runnable::run);
      }
    }

    public boolean isCut() {
      return cut;
    }

    /** The process is gone, with what it had not told yet. */
    public void close() {
      closed = true;
      lines.remove(this);
    }

    @Override
    public void listen(String kind, Consumer<Heard> listener) {
      listeners.put(kind, listener);
    }

    @Override
    public void whenMissing(Runnable listener) {
      missing.add(listener);
    }

    @Override
    public void tell(String kind, JsonObject event) {
      waiting.add(new Told(event.copy().put("kind", kind), time.nanos()));
      if (!writing) {
        writing = true;
        time.within(LATENCY, random, this::write);
      }
    }

    private void write() {
      if (closed) {
        return;
      }
      if (cut) {
        time.after(RETRY, this::write);
        return;
      }
      var taken = new ArrayList<Told>();
      while (!waiting.isEmpty() && taken.size() < MAX_ENTRY_EVENTS) {
        taken.add(waiting.remove());
      }
      if (taken.isEmpty()) {
        writing = false;
        return;
      }
      var entry = new Entry(writer, ++number, time.nanos(), taken);
      append(entry);
      told = number;
      toldAt = time.nanos();
      if (random.nextInt(50) == 0) {
        // The answer was lost, and so it is written again.
        time.after(RETRY, () -> append(entry));
      }
      time.after(GATHER, this::write);
    }

    private void readSoon() {
      if (!reading && !cut && !closed) {
        reading = true;
        time.within(LATENCY, random, this::read);
      }
    }

    private void read() {
      reading = false;
      if (cut || closed) {
        return;
      }
      next = Math.max(next, shortenedBy);
      var end = Math.min(stream.size(), next + MAX_AT_ONCE);
      for (; next < end; next++) {
        hear(stream.get(next));
      }
      if (next < stream.size()) {
        readSoon();
      } else {
        readOnce = true;
      }
    }

    private void hear(Entry entry) {
      delivered++;
      var place = sequences.read(entry.writer(), entry.number() - 1, entry.number(), readOnce);
      if (place == Sequences.Place.READ_BEFORE) {
        return;
      }
      if (place == Sequences.Place.AFTER_A_GAP) {
        missing.forEach(Runnable::run);
      }
      for (var each : entry.events()) {
        var listener = listeners.get(each.event().getString("kind"));
        if (listener != null) {
          listener.accept(
              new Heard(
                  each.event(),
                  Duration.ofNanos(time.nanos() - each.since()),
                  entry.writer().equals(writer),
                  entry.writer()));
        }
      }
    }
  }
}
