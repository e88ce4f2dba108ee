// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {

  private final StringWriter err = new StringWriter();

  private Shell shell(boolean isTerminal) {
    var nothing = new PrintWriter(OutputStream.nullOutputStream());
    return new Shell(
        Map.of(), nothing, new PrintWriter(err), OutputStream.nullOutputStream(), isTerminal);
  }

  @Test
  void somebodyAtATerminalSeesHowFarItIsAndNothingIsLeftOfIt() {
    try (var progress = new Progress(shell(true), "looking")) {
      await().until(() -> err.toString().contains("looking  "));
      progress.at(1, 4, "engines\u001b[31m");
      await()
          .until(() -> err.toString().contains("[#####...............] 25 %  engines\\u001b[31m"));
    }

    assertThat(err.toString()).endsWith("\r\u001b[K");
  }

  @Test
  void nobodyElseIsTold() {
    try (var progress = new Progress(shell(false), "looking")) {
      progress.at(1, 4, "engines");
    }

    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, [....................] 0 %",
    "99, [###################.] 99 %",
    "100, [####################] 100 %",
    "1000, [####################] 1000 %",
  })
  void aBarHasOneWidth(int percent, String bar) {
    assertThat(Progress.bar(percent)).isEqualTo(bar);
  }
}
