// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Notices a peer that is gone: pings it, and gives up when no answer comes.
 *
 * <p>A peer that still sends is given more time, since its answer may queue behind its own data on
 * a slow line; but not for ever, since one that never reads must not stay.
 */
final class KeepAlive {

  /** How long a peer that sends nothing at all may take to answer a ping. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final int TIMEOUTS_OF_A_BUSY_PEER = 6;

  /** Unlike any value of the regular pings for the next hundred years. */
  private static final int PROBE_VALUE = -1;

  private final List<Promise<Boolean>> probes = new ArrayList<>();
  private final EventExecutor executor;
  private final Duration interval;
  private final IntConsumer sendPing;
  private final Runnable onDeadPeer;
  private int value;
  private int checks;
  private boolean answered;
  private boolean heard;
  private long sentAtNanos;
  private volatile @Nullable Duration roundTrip;
  private @Nullable ScheduledFuture<?> next;

  KeepAlive(EventExecutor executor, Duration interval, IntConsumer sendPing, Runnable onDeadPeer) {
    this.executor = executor;
    this.interval = interval;
    this.sendPing = sendPing;
    this.onDeadPeer = onDeadPeer;
  }

  void start() {
    schedule(this::ping, interval);
  }

  void stop() {
    if (next != null) {
      next.cancel(false);
    }
  }

  void onBytes() {
    heard = true;
    if (!probes.isEmpty()) {
      probes.forEach(probe -> probe.trySuccess(true));
      probes.clear();
    }
  }

  void onAnswer(long pingValue) {
    if (!answered && pingValue == Integer.toUnsignedLong(value)) {
      answered = true;
      roundTrip = Duration.ofNanos(executor.ticker().nanoTime() - sentAtNanos);
    }
  }

  /** How long the last answer took, with what stood before it in the queues; from any thread. */
  Optional<Duration> roundTrip() {
    return Optional.ofNullable(roundTrip);
  }

  /** Asks for a sign of life now. A peer that gives none in time is dead. */
  void probe(Duration patience, Promise<Boolean> probe) {
    probes.add(probe);
    sendPing.accept(PROBE_VALUE);
    executor.schedule(
        () -> {
          if (!probe.isDone()) {
            onDeadPeer.run();
            probe.trySuccess(false);
          }
        },
        patience.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  private void ping() {
    value++;
    answered = false;
    heard = false;
    checks = 0;
    sentAtNanos = executor.ticker().nanoTime();
    sendPing.accept(value);
    schedule(this::check, TIMEOUT);
  }

  private void check() {
    checks++;
    if (answered) {
      schedule(
          this::ping, interval.compareTo(TIMEOUT) > 0 ? interval.minus(TIMEOUT) : Duration.ZERO);
    } else if (heard && checks < TIMEOUTS_OF_A_BUSY_PEER) {
      heard = false;
      schedule(this::check, TIMEOUT);
    } else {
      onDeadPeer.run();
    }
  }

  private void schedule(Runnable action, Duration delay) {
    next = executor.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
  }
}
