// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all connections together may keep for slow readers. Thread-safe.
 *
 * <p>Memory is reserved when a peer is given credit for it, not when bytes arrive; only the little
 * that every stream may always send counts when it is kept, and it is the less the more streams
 * there are: what a crowd keeps without a reservation stays a part of the limit, too. So a peer
 * that keeps to its credit is slowed down, never cut off: streams begin with shares of a quarter of
 * the limit, up to half of it windows grow, from three quarters on they shrink, and beyond the
 * limit connections that take more than their part are not read until there is room again. Then
 * whoever has let bytes lie for a while is reset.
 */
public final class HeldBytes {

  private static final int PARTS = 4;
  private static final int PARTS_FOR_BEGINNERS = 1;
  private static final int PARTS_FOR_GROWTH = 2;
  private static final int PARTS_UNTIL_SHORT = 3;
  private static final int BEGINNERS = 32;

  /** Of the limit, for what all streams together may always send. */
  private static final int PARTS_FOR_LEAST = 8;

  /** What one may always send: one piece of frpc's. Less is not worth a reset. */
  public static final int PIECE_BYTES = 16 * 1024;

  /** The same in the largest crowd. */
  static final int LEAST_BYTES = 2 * 1024;

  /** What a stream takes by itself, with room for its first message. */
  private static final int IDLE_BYTES = 4 * 1024;

  private static final int LEAST_IDLE = 1_024;

  private static final long NEVER = Long.MIN_VALUE;
  private static final long RECLAIM_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long a reader may fetch next to nothing while memory is needed by others. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** The same as soon as others have waited for long enough. */
  private static final long LEAST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long MOST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Keeps bytes, and can be told to drop those that nobody fetches. */
  @FunctionalInterface
  public interface Holder {
    /** Resets what has not moved for so long, as long as the limit is exceeded. On any thread. */
    void reclaim(long patienceNanos);
  }

  private final long limit;
  private final IdleStreams idle;
  private final IdleStreams waiting;
  private final AtomicLong reserved = new AtomicLong();
  private final AtomicLong kept = new AtomicLong();
  private final AtomicInteger senders = new AtomicInteger();
  private final AtomicLong lastReclaim = new AtomicLong(NEVER);
  private final Set<Holder> connections = ConcurrentHashMap.newKeySet();
  private final Set<Holder> streams = ConcurrentHashMap.newKeySet();

  private HeldBytes(long limit) {
    this.limit = limit;
    int most = (int) Math.max(LEAST_IDLE, limit / IDLE_BYTES);
    this.idle = new IdleStreams(most);
    this.waiting = new IdleStreams(most);
  }

  public static HeldBytes limitedTo(long bytes) {
    return new HeldBytes(bytes);
  }

  /** The streams of all connections that carry nothing. */
  public IdleStreams idle() {
    return idle;
  }

  /** Those that have said what they want, and do not have it yet. */
  public IdleStreams waiting() {
    return waiting;
  }

  // ---- who holds

  /** A connection of many streams, entitled to a part of the limit. */
  public void join(Holder connection) {
    connections.add(connection);
  }

  public void leave(Holder connection) {
    connections.remove(connection);
  }

  /** A peer is told to send on one more stream; on one fewer when negative. */
  public void countSenders(int more) {
    senders.addAndGet(more);
  }

  void joinStream(Holder stream) {
    streams.add(stream);
  }

  void leaveStream(Holder stream) {
    streams.remove(stream);
  }

  /**
   * Tells all holders to reset what has not moved; now and then, however often it is called.
   *
   * @param waitedNanos how long others have been waiting for room already
   */
  public void reclaim(long nowNanos, long waitedNanos) {
    long last = lastReclaim.get();
    if ((last == NEVER || nowNanos - last >= RECLAIM_NANOS)
        && lastReclaim.compareAndSet(last, nowNanos)) {
      long patience = waitedNanos < MOST_WAIT_NANOS ? PATIENCE_NANOS : LEAST_PATIENCE_NANOS;
      connections.forEach(holder -> holder.reclaim(patience));
      streams.forEach(holder -> holder.reclaim(patience));
    }
  }

  // ---- how much

  /** Takes a part of the limit, or gives it back when negative. */
  public void reserve(long bytes) {
    reserved.addAndGet(bytes);
  }

  /** Counts bytes that are kept now, or no longer when negative. */
  public void keep(long bytes) {
    kept.addAndGet(bytes);
  }

  /** Whether a window may grow by this much. */
  public boolean hasRoomToGrow(long bytes) {
    return bytes <= roomIn(PARTS_FOR_GROWTH);
  }

  /**
   * What each stream may send, and have lie here, however short memory is. It is also what others
   * of a crowd have before them wherever all take turns.
   */
  public int least() {
    long part = limit / PARTS_FOR_LEAST / Math.max(1, senders.get());
    return (int) Math.max(LEAST_BYTES, Math.min(PIECE_BYTES, part));
  }

  /**
   * What one of many may begin with: a small part of the room that is left, so that however many
   * begin at once leave some.
   */
  public int share(int most) {
    return (int) Math.max(least(), Math.min(most, roomIn(PARTS_FOR_BEGINNERS) / BEGINNERS));
  }

  /** Whether a window that is as small as a beginner's may grow by this much. */
  public boolean hasRoomToBegin(long bytes) {
    return bytes <= roomIn(PARTS_FOR_BEGINNERS);
  }

  private long roomIn(int parts) {
    return limit / PARTS * parts - reserved.get();
  }

  /** Whether everybody has to make do with less. */
  public boolean isShort() {
    return roomIn(PARTS_UNTIL_SHORT) < 0;
  }

  public boolean isExhausted() {
    return reserved.get() > limit;
  }

  /** Whether a connection that has reserved this much must wait: it has its part of the limit. */
  public boolean mustWait(long reservedBytes) {
    return isExhausted() && reservedBytes > limit / Math.max(1, connections.size());
  }

  /** Bytes kept right now. */
  public long current() {
    return kept.get();
  }

  /**
   * Streams that peers have opened and that carry nothing: they have not said what they are for,
   * were refused, or have ended on this side alone. A peer may have some thousand of them and needs
   * few, and each costs something, however little is sent on it: where there are too many of all
   * peers, the oldest go. Thread-safe.
   */
  public static final class IdleStreams {

    private final int most;
    private final Map<Channel, Runnable> oldestFirst = new LinkedHashMap<>();
    private final Map<Channel, Integer> perConnection = new HashMap<>();

    private IdleStreams(int most) {
      this.most = most;
    }

    /**
     * Counts one, or changes how it is ended.
     *
     * @param end ends it when there are too many; on its event loop
     */
    public void add(Channel stream, Runnable end) {
      Map.Entry<Channel, Runnable> oldest = null;
      synchronized (this) {
        if (oldestFirst.put(stream, end) == null) {
          perConnection.merge(stream.parent(), 1, Integer::sum);
        }
        if (oldestFirst.size() > most) {
          oldest = Map.Entry.copyOf(oldestFirst.entrySet().iterator().next());
          remove(oldest.getKey());
        }
      }
      if (oldest != null) {
        oldest.getKey().eventLoop().execute(oldest.getValue());
      }
    }

    /** It carries something from now on, or is gone; false if it was none of them. */
    public synchronized boolean remove(Channel stream) {
      if (oldestFirst.remove(stream) == null) {
        return false;
      }
      perConnection.computeIfPresent(
          stream.parent(), (connection, count) -> count == 1 ? null : count - 1);
      return true;
    }

    public synchronized int count() {
      return oldestFirst.size();
    }

    /** Those of one connection. */
    public synchronized int countOf(Channel connection) {
      return perConnection.getOrDefault(connection, 0);
    }
  }
}
