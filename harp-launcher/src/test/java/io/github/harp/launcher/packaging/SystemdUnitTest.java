// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit is one that systemd takes, and takes much away. */
class SystemdUnitTest {

  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");
  private static final Path PACKAGING = Path.of(System.getProperty("harp.root", ".."), "packaging");

  @TempDir static Path folder;

  private static Path unit;

  @BeforeAll
  static void placeUnit() throws IOException {
    assumeTrue(Files.isExecutable(ANALYZE), "no " + ANALYZE);
    // Where the program is, as installed as it gets here.
    var script = PACKAGING.resolve("bin/harp").toRealPath().toString();
    var text = Files.readString(PACKAGING.resolve("systemd/harp.service"));
    assertThat(text).contains("/opt/harp/bin/harp serve");
    unit =
        Files.writeString(
            folder.resolve("harp.service"), text.replace("/opt/harp/bin/harp", script));
  }

  @Test
  void itHasNoMistakes() throws Exception {
    assertThat(analyze("verify", "--man=no", unit.toString())).isEmpty();
  }

  @Test
  void itsExposureIsLow() throws Exception {
    // In tenths; 100 is a service that may do anything.
    analyze("security", "--offline=true", "--threshold=20", unit.toString());
  }

  private static String analyze(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(ANALYZE.toString()));
    command.addAll(List.of(arguments));
    var output = folder.resolve("output");
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }
}
