// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DisplayTest {

  private static final String COURSE = "2.2 GB of 10.0 GB, 40.0 MB/s, 3:16 left, straight";
  private static final String FILE = "model/weights\u001b[31m.bin";

  private final StringWriter err = new StringWriter();
  private final AtomicLong nanos = new AtomicLong();

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

  @Test
  void atATerminalItIsABar() {
    try (var display = display(true)) {
      display.moves(21, COURSE, FILE);
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
    try (var display = display(false)) {
      display.moves(21, COURSE, FILE);
      assertThat(err.toString()).isEmpty();
      nanos.addAndGet(Duration.ofSeconds(11).toNanos());
      display.moves(21, COURSE, FILE);
      display.moves(21, COURSE, FILE);
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
      display.waits("the login is refused");
      display.waits("the login is refused");
    }

    assertThat(err.toString()).isEqualToIgnoringNewLines("harp: the login is refused");
  }
}
