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

  private static final int TIMEOUTS_OF_A_BUSY_PEER = 6;

  /** Unlike any value of the regular pings for the next hundred years. */
  private static final int PROBE_VALUE = -1;

  private final List<Promise<Boolean>> probes = new ArrayList<>();
  private final EventExecutor executor;
  private final YamuxSession.Pings pings;
  private final IntConsumer sendPing;
  private final Runnable onDeadPeer;
  private int value;
  private int checks;
  private boolean answered;
  private boolean heard;
  private long sentAtNanos;
  private volatile @Nullable Duration roundTrip;
  private @Nullable ScheduledFuture<?> next;

  KeepAlive(
      EventExecutor executor, YamuxSession.Pings pings, IntConsumer sendPing, Runnable onDeadPeer) {
    this.executor = executor;
    this.pings = pings;
    this.sendPing = sendPing;
    this.onDeadPeer = onDeadPeer;
  }

  void start() {
    schedule(this::ping, pings.interval());
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
      var took = Duration.ofNanos(executor.ticker().nanoTime() - sentAtNanos);
      roundTrip = took;
      stop();
      schedule(this::ping, pings.interval().minus(took));
    }
  }

  /** How long the last answer took, with what stood before it in the queues; from any thread. */
  Optional<Duration> roundTrip() {
    return Optional.ofNullable(roundTrip);
  }

  /** Asks for a sign of life now. A peer that gives none in time is dead. */
  void probe(Duration patience, Promise<Boolean> probe) {
    if (probes.isEmpty()) {
      sendPing.accept(PROBE_VALUE);
    }
    probes.add(probe);
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
    schedule(this::check, pings.patience());
  }

  private void check() {
    checks++;
    if (heard && checks < TIMEOUTS_OF_A_BUSY_PEER) {
      heard = false;
      schedule(this::check, pings.patience());
    } else {
      onDeadPeer.run();
    }
  }

  private void schedule(Runnable action, Duration delay) {
    next = executor.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
  }
}
