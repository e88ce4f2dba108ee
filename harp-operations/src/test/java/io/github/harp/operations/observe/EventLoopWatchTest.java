// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class EventLoopWatchTest {

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger stuck = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  @AfterEach
  void stop() {
    release.countDown();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void measuresTheDelayOfLoopsThatAnswer() {
    try (var watch = watch(Duration.ofMinutes(1))) {
      await()
          .until(() -> watch != null && registry.get("harp.eventloop.delay").timer().count() >= 4);
    }
    assertThat(stuck).hasValue(0);
  }

  @Test
  void aBlockedLoopIsLoggedWithWhatItIsDoing() {
    var lines = new ListAppender<ILoggingEvent>();
    var logger = (Logger) LoggerFactory.getLogger(EventLoopWatch.class);
    lines.start();
    logger.addAppender(lines);
    try (var watch = watch(Duration.ofMinutes(1))) {
      loops.next().execute(this::blockTheLoop);

      await()
          .until(
              () ->
                  watch != null
                      && lines.list.stream()
                          .anyMatch(it -> it.getFormattedMessage().contains("blockTheLoop")));
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(stuck).hasValue(0);
  }

  @Test
  @DisplayName("F20: a loop that loads classes is one line, which says who needs them")
  void f20_theLoadingOfClassesIsOneLine() throws Exception {
    var lines = new ListAppender<ILoggingEvent>();
    var logger = (Logger) LoggerFactory.getLogger(EventLoopWatch.class);
    lines.start();
    logger.addAppender(lines);
    var slow =
        new ClassLoader() {
          @Override
          protected Class<?> findClass(String name) {
            blockTheLoop();
            return EventLoopWatchTest.class;
          }
        };
    try (var watch = watch(Duration.ofMinutes(1))) {
      loops.next().execute(() -> useForTheFirstTime(slow));

      await().until(() -> watch != null && !lines.list.isEmpty());
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list.get(0).getFormattedMessage())
        .contains("loading classes", "useForTheFirstTime")
        .doesNotContain("\n");
  }

  private static void useForTheFirstTime(ClassLoader loader) {
    try {
      loader.loadClass("not.there.yet");
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLoopThatStaysSilentIsReportedOnce() {
    try (var watch = watch(Duration.ofMillis(600))) {
      loops.next().execute(this::blockTheLoop);
      loops.next().execute(this::blockTheLoop);

      await().until(() -> watch != null && stuck.get() == 1);
    }
  }

  /** S1: on io_uring an error on the way to the kernel ends the thread of a loop. */
  @Test
  void aLoopThatHasEndedIsReportedOnce() {
    try (var watch = watch(Duration.ofMinutes(1))) {
      loops.next().shutdownGracefully(0, 0, TimeUnit.SECONDS);

      await().until(() -> watch != null && ended.get() == 1);
    }
    assertThat(stuck).hasValue(0);
  }

  static Stream<Runnable> failures() {
    return Stream.of(
        () -> {
          throw new NoClassDefFoundError("of a disk that is gone");
        },
        () -> {
          throw new IllegalStateException("of an executor");
        });
  }

  /** S1: nobody would watch any more, and a thread that has ended tells nobody. */
  @ParameterizedTest
  @MethodSource("failures")
  void theEndOfTheWatchItselfIsReported(Runnable failure) {
    try (var watch = watch(loopThat(failure), Duration.ofMinutes(1))) {
      // It goes on to the thread's handler, too, which would be ours.
      await().dontCatchUncaughtExceptions().until(() -> watch != null && ended.get() == 1);
    }
    assertThat(stuck).hasValue(0);
  }

  private static EventLoopGroup loopThat(Runnable failsWhenAsked) {
    return new DefaultEventLoopGroup(1) {
      @Override
      protected EventLoop newChild(Executor executor, Object... arguments) {
        return new DefaultEventLoop(this, executor) {
          @Override
          public boolean isShuttingDown() {
            failsWhenAsked.run();
            return false;
          }
        };
      }
    };
  }

  private EventLoopWatch watch(Duration patience) {
    return watch(loops, patience);
  }

  private EventLoopWatch watch(EventLoopGroup loops, Duration patience) {
    return new EventLoopWatch(
            loops, registry, patience, stuck::incrementAndGet, ended::incrementAndGet)
        .start();
  }

  private void blockTheLoop() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
