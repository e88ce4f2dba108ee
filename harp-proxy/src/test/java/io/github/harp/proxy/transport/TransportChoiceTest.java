// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** F8: a transport is chosen when all of its event loops work, not when one ring could be made. */
class TransportChoiceTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(TransportChoice.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Set<Transport> tried = EnumSet.noneOf(Transport.class);

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  @Test
  void autoFallsBackToTheNextTransportWhoseLoopsCanBeHadAndWarns() throws Exception {
    var vertx = TransportChoice.AUTO.start(failingOn(EnumSet.of(Transport.IO_URING)));
    try {
      assertThat(tried).containsExactly(Transport.IO_URING, Transport.EPOLL);
      assertThat(log.list)
          .filteredOn(event -> event.getLevel() == Level.WARN)
          .singleElement()
          .extracting(ILoggingEvent::getFormattedMessage)
          .asString()
          .contains("io_uring", "memlock", "HP_TRANSPORT");
    } finally {
      vertx.close();
    }
  }

  /** What is there and does not start, or starts with more memory; not what is not there. */
  @ParameterizedTest
  @CsvSource({
    "true, an event loop did not start, true",
    "true, 'failed to create io_uring: try raising memlock limit', true",
    "false, 'failed to create io_uring: try raising memlock limit', true",
    "false, Function not implemented, false",
    "false, , false"
  })
  void whatCanBeMendedIsWorthAWarning(boolean isThere, String message, boolean isMendable) {
    var missing = isThere ? null : new UnsatisfiedLinkError(message);

    assertThat(TransportChoice.isMendable(missing, new IllegalStateException(message)))
        .isEqualTo(isMendable);
  }

  @Test
  void autoGoesDownToNio() {
    var others = EnumSet.of(Transport.IO_URING, Transport.EPOLL);
    TransportChoice.AUTO.start(failingOn(others)).close();

    assertThat(tried).containsExactly(Transport.values());
  }

  @Test
  void whatWasAskedForByNameIsNotReplaced() {
    assertThatThrownBy(
            () -> TransportChoice.IO_URING.start(failingOn(EnumSet.of(Transport.IO_URING))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("io_uring does not work here")
        .hasMessageContaining("memlock");
    assertThat(tried).containsExactly(Transport.IO_URING);
  }

  @Test
  void whereNothingWorksEveryReasonIsTold() {
    assertThatThrownBy(() -> TransportChoice.AUTO.start(failingOn(EnumSet.allOf(Transport.class))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("io_uring", "epoll", "nio");
  }

  /**
   * A real process that may lock no memory, or enough for the probe and not for all rings. Kernels
   * from 5.12 to 6.12 don't count rings; there, and where there is no io_uring, it just starts.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 65_536, 262_144})
  void aProcessThatMayLockLittleMemoryStarts(int bytes) throws Exception {
    var nothing = runWithLockedMemory(0);
    var output = bytes == 0 ? nothing : runWithLockedMemory(bytes);

    assertThat(output).contains("all loops of ");
    if (nothing.contains("memlock")) {
      assertThat(output)
          .contains("all loops of epoll work")
          .contains("WARN")
          .contains("io_uring is passed over", "memlock");
    }
  }

  /** What the process of {@link #main} wrote. */
  private static String runWithLockedMemory(int bytes) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    if (Files.isWritable(Path.of("/proc/sys/kernel/hostname"))) {
      // Root is not counted unless it may not lock what it likes.
      command.addAll(List.of("setpriv", "--bounding-set=-ipc_lock"));
    }
    command.addAll(
        List.of(
            "prlimit",
            "--memlock=" + bytes,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:ActiveProcessorCount=16",
            "-cp",
            System.getProperty("java.class.path"),
            TransportChoiceTest.class.getName()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.contains("DEBUG"))
              .toList();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(String.join("\n", output)).isZero();
      return String.join("\n", output);
    } finally {
      process.destroyForcibly();
    }
  }

  public static void main(String[] arguments) throws Exception {
    var vertx = (VertxInternal) TransportChoice.AUTO.start();
    for (var loop : vertx.nettyEventLoopGroup()) {
      loop.submit(() -> {}).get(10, TimeUnit.SECONDS);
    }
    System.out.println("all loops of " + Transport.of(vertx.nettyEventLoopGroup()) + " work");
    System.exit(0);
  }

  private Function<Transport, Vertx> failingOn(Set<Transport> broken) {
    return transport -> {
      tried.add(transport);
      if (broken.contains(transport)) {
        throw new IllegalStateException("try raising memlock limit");
      }
      return Vertx.vertx();
    };
  }
}
