// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what has waited too long on one event loop. All that waits is looked at several times within
 * the shortest limit, so that no timer is set and cancelled for each request.
 */
public final class Deadlines {

  private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);
  private static final Duration SLOWEST_TICK = Duration.ofMillis(250);
  private static final Duration FASTEST_TICK = Duration.ofMillis(5);

  /** Something with time limits. */
  public interface Watched {

    /** Called at each tick. */
    void check(long nowNanos);
  }

  private final EventLoop loop;
  private final long[] limits = new long[Limit.values().length];
  private final long tickNanos;
  private final FatalErrors errors;
  private final LongConsumer afterTick;
  private final List<Registration> watched = new ArrayList<>();
  private boolean ticking;
  private long now = System.nanoTime();

  /**
   * @param afterTick told the time when everything has been looked at
   */
  Deadlines(EventLoop loop, Timeouts timeouts, FatalErrors errors, LongConsumer afterTick) {
    this.errors = errors;
    this.loop = loop;
    this.afterTick = afterTick;
    set(Limit.NONE, Duration.ZERO);
    set(Limit.CLIENT, timeouts.client());
    set(Limit.DECISION, timeouts.decision());
    set(Limit.CONNECT, timeouts.upstream().connect());
    set(Limit.SERVER, timeouts.upstream().silence());
    set(Limit.UPGRADE, timeouts.upgraded().silence());
    set(Limit.HALF_CLOSED, timeouts.upgraded().halfClosed());
    set(Limit.HEARTBEAT, timeouts.upstream().heartbeat());
    long shortest =
        Stream.of(Limit.values())
            .mapToLong(this::nanos)
            .filter(nanos -> nanos > 0)
            .min()
            .orElse(Long.MAX_VALUE);
    this.tickNanos =
        Math.max(FASTEST_TICK.toNanos(), Math.min(SLOWEST_TICK.toNanos(), shortest / 8));
  }

  private void set(Limit limit, Duration value) {
    limits[limit.ordinal()] = value.toNanos();
  }

  private long nanos(Limit limit) {
    return limits[limit.ordinal()];
  }

  /** The time of the last tick: what last-activity marks are made of. */
  public long now() {
    return now;
  }

  /** Whether a limit has passed since then. */
  public boolean isExpired(Limit limit, long sinceNanos) {
    long allowed = nanos(limit);
    return allowed > 0 && now - sinceNanos > allowed;
  }

  /** Watches until the registration is cancelled. */
  public Registration watch(Watched target) {
    if (!ticking) {
      ticking = true;
      now = System.nanoTime();
      loop.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
    }
    var registration = new Registration(target, watched.size());
    watched.add(registration);
    return registration;
  }

  private void tick() {
    now = System.nanoTime();
    for (int i = watched.size() - 1; i >= 0; i--) {
      if (i < watched.size()) {
        check(watched.get(i).target);
      }
    }
    afterTick.accept(now);
    ticking = !watched.isEmpty();
    if (ticking) {
      loop.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
    }
  }

  /** One that breaks must not keep the others from being looked at, now or ever after. */
  private void check(Watched target) {
    try {
      target.check(now);
    } catch (RuntimeException e) {
      LOG.error("{} can't be looked at: this is a defect", target, e);
    } catch (Error e) {
      errors.look(e);
      throw e;
    }
  }

  /** That something is being watched. */
  public final class Registration {

    private final Watched target;
    private int index;

    private Registration(Watched target, int index) {
      this.target = target;
      this.index = index;
    }

    /** Stops watching; a second call does nothing. */
    public void cancel() {
      if (index < 0) {
        return;
      }
      var last = watched.remove(watched.size() - 1);
      if (last != this) {
        watched.set(index, last);
        last.index = index;
      }
      index = -1;
    }
  }
}
