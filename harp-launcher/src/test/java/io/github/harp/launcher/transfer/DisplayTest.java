// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.launcher.Shell;
import io.github.harp.launcher.transfer.peer.Course;
import io.github.harp.launcher.transfer.peer.Peer;
import io.github.harp.launcher.transfer.peer.Rendezvous;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DisplayTest {

  private final StringWriter err = new StringWriter();
  private final AtomicLong nanos = new AtomicLong();
  private final Pace pace = new Pace(nanos::get);

  private Display display(boolean isTerminal) {
    var nothing = new PrintWriter(OutputStream.nullOutputStream());
    return new Display(
        new Shell(
            Map.of(),
            nothing,
            new PrintWriter(err, true),
            OutputStream.nullOutputStream(),
            isTerminal),
        nanos::get);
  }

  private void passSeconds(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  /** A way that nobody has come on, and why. */
  private record NoWay(String obstacle) implements Rendezvous {

    @Override
    public Optional<Peer> next(Duration atMost) {
      return Optional.empty();
    }

    @Override
    public boolean wouldGoStraight() {
      return false;
    }

    @Override
    public void close() {}
  }

  private void halfOfIt() {
    pace.goes(Course.STRAIGHT);
    pace.begin(10_000_000_000L, 8_000_000_000L);
    pace.line();
    passSeconds(4);
    pace.moved(160_000_000);
    pace.at("model/weights\u001b[31m.bin");
  }

  @Test
  void whatIsSaidHasBytesRateTimeAndWay() {
    halfOfIt();

    assertThat(pace.line()).isEqualTo("2.2 GB of 10.0 GB, 40.0 MB/s, 3:16 left, straight");
    assertThat(pace.percent()).isEqualTo(21);
  }

  @Test
  void theRateIsThatOfTheLastSeconds() {
    halfOfIt();
    for (var i = 0; i < 30; i++) {
      passSeconds(1);
      pace.moved(1_000_000);
      pace.line();
    }

    assertThat(pace.line()).contains(", 1.0 MB/s, 2:10:10 left");
    assertThat(pace.summary()).isEqualTo("190.0 MB in 0:34");
  }

  @Test
  void whatCameBeforeCountsAsThereAndNotAsMoved() {
    pace.begin(100, 40);
    pace.moved(10);
    pace.begin(100, 60);

    assertThat(pace.percent()).isEqualTo(40);
    assertThat(pace.summary()).startsWith("10 B in");
  }

  @Test
  void atATerminalItIsABar() {
    halfOfIt();
    try (var display = display(true)) {
      display.show(pace, new NoWay(""));
      await()
          .until(
              () ->
                  err.toString()
                      .contains(
                          "[####................] 21 %  2.2 GB of 10.0 GB, 40.0 MB/s, 3:16 left,"
                              + " straight: model/weights\\u001b[31m.bin  "));
    }
    assertThat(err.toString()).endsWith("\r\u001b[K");
  }

  @Test
  void elsewhereItIsALineEachTenSeconds() {
    halfOfIt();
    try (var display = display(false)) {
      display.show(pace, new NoWay(""));
      assertThat(err.toString()).isEmpty();
      passSeconds(11);
      display.show(pace, new NoWay(""));
      display.show(pace, new NoWay(""));
    }

    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("harp: 21 %: 2.2 GB of 10.0 GB, ")
        .endsWith(", straight: model/weights\\u001b[31m.bin");
  }

  @Test
  void whyNobodyComesIsSaidOnce() {
    try (var display = display(false)) {
      display.show(pace, new NoWay("the login is refused"));
      display.show(pace, new NoWay("the login is refused"));
    }

    assertThat(err.toString()).isEqualToIgnoringNewLines("harp: the login is refused");
  }
}
