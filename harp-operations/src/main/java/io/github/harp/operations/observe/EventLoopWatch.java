// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every event loop for a sign of life and measures how long it takes. One that is silent for a
 * second is logged with what it is doing; one that stays silent is reported to {@code onStuck},
 * once: a process that serves nobody had better end, so that its supervisor starts it again. One
 * that has ended is reported to {@code onEnded}.
 *
 * <p>Has a thread of its own between {@link #start} and {@link #close}.
 */
public final class EventLoopWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EventLoopWatch.class);

  /** Each wakes every loop, and half of what an idle process costs is that. */
  private static final Duration BEAT = Duration.ofSeconds(1);

  /** While one has not answered. */
  private static final Duration CLOSER_LOOK = Duration.ofMillis(250);

  private static final Duration WORTH_A_LINE = Duration.ofSeconds(1);
  private static final int STACK_LINES = 30;

  private final List<WatchedLoop> loops = new ArrayList<>();
  private final Timer delay;
  private final Duration patience;
  private final Runnable onStuck;
  private final Runnable onEnded;
  private final Thread thread;

  /**
   * @param loops the loops to watch
   * @param patience how long a loop may be silent before {@code onStuck} runs
   * @param onStuck runs on the thread of the watch
   * @param onEnded the same for a loop that has ended, or is about to
   */
  public EventLoopWatch(
      EventLoopGroup loops,
      MeterRegistry registry,
      Duration patience,
      Runnable onStuck,
      Runnable onEnded) {
    this.patience = patience;
    this.onEnded = onEnded;
    this.onStuck = onStuck;
    this.delay =
        Timer.builder("harp.eventloop.delay")
            .description("Time from asking an event loop to run a task until it does")
            .publishPercentiles(0.5, 0.99)
            .register(registry);
    for (EventExecutor loop : loops) {
      this.loops.add(new WatchedLoop(loop));
    }
    this.thread = new Thread(this::watch, "harp-event-loop-watch");
    this.thread.setDaemon(true);
  }

  public EventLoopWatch start() {
    thread.start();
    return this;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void watch() {
    try {
      while (!Thread.interrupted()) {
        var pause = BEAT;
        for (var loop : loops) {
          if (loop.hasEnded()) {
            onEnded.run();
            return;
          }
          if (loop.silentFor().compareTo(patience) > 0) {
            LOG.error(
                "{}: silent for more than {} s, expected an answer at once; it is at\n{}",
                loop,
                patience.toSeconds(),
                shown(loop.stack()));
            onStuck.run();
            return;
          }
          if (!loop.look()) {
            pause = CLOSER_LOOK;
          }
        }
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error broken) {
      // Nobody would watch any more.
      onEnded.run();
      throw broken;
    }
  }

  private static String shown(StackTraceElement[] stack) {
    return Arrays.stream(stack)
        .limit(STACK_LINES)
        .map(frame -> "    at " + frame)
        .collect(Collectors.joining("\n"));
  }

  private final class WatchedLoop {

    private final EventExecutor loop;
    private volatile boolean answered = true;
    private long askedAt;
    private boolean logged;

    WatchedLoop(EventExecutor loop) {
      this.loop = loop;
    }

    boolean hasEnded() {
      return loop.isShuttingDown();
    }

    /** Gives whether it has answered, and so is asked again. */
    boolean look() {
      if (answered) {
        ask();
        return true;
      }
      if (!logged && silentFor().compareTo(WORTH_A_LINE) > 0) {
        logged = true;
        warn(silentFor().toMillis(), stack());
      }
      return false;
    }

    /** Something is used for the first time: that happens once, so where it happens is enough. */
    private void warn(long millis, StackTraceElement[] stack) {
      ClassLoading.asker(stack)
          .ifPresentOrElse(
              asker ->
                  LOG.warn(
                      "{}: blocked for {} ms by loading classes that {} uses for the first time; on"
                          + " a machine that is this busy, a class archive makes it short"
                          + " (docs/packages.md)",
                      this,
                      millis,
                      asker),
              () -> LOG.warn("{}: blocked for {} ms by\n{}", this, millis, shown(stack)));
    }

    Duration silentFor() {
      return answered ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - askedAt);
    }

    StackTraceElement[] stack() {
      return loop instanceof SingleThreadEventExecutor executor
          ? executor.threadProperties().stackTrace()
          : new StackTraceElement[0];
    }

    @Override
    public String toString() {
      return loop instanceof SingleThreadEventExecutor executor
          ? "event loop " + executor.threadProperties().name()
          : "event loop";
    }

    private void ask() {
      logged = false;
      var now = System.nanoTime();
      askedAt = now;
      answered = false;
      try {
        loop.execute(
            () -> {
              delay.record(System.nanoTime() - now, TimeUnit.NANOSECONDS);
              answered = true;
            });
      } catch (RejectedExecutionException stopping) {
        answered = true;
      }
    }
  }
}
