// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.launcher.Shell;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HarpCommandTest {

  private static final Path GROFF = Path.of("/usr/bin/groff");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void withoutACommandItServesAndSaysWhatTheConfigurationLacks() {
    assertThat(run(Map.of())).isEqualTo(78);
    assertThat(err.toString())
        .startsWith("harp: nothing was started, the configuration has mistakes:")
        .contains("  HP_SHARED_KEY or HP_SHARED_KEY_FILE: found neither; expected ")
        .contains("  NC_INSTANCE_URL: found nothing; expected ");
  }

  @Test
  void serveIsTheSame() {
    assertThat(run(Map.of("NC_INSTANCE_URL", "http://nc"), "serve")).isEqualTo(78);
    assertThat(err.toString()).contains("HP_SHARED_KEY").doesNotContain("NC_INSTANCE_URL");
  }

  @Test
  void anUnknownCommandIsAUsageError() {
    assertThat(run(Map.of(), "server")).isEqualTo(2);
    assertThat(err.toString()).contains("'server'").contains("serve");
  }

  @Test
  void saysItsVersionInBothWays() {
    assertThat(run(Map.of(), "version")).isZero();
    assertThat(run(Map.of(), "--version")).isZero();
    assertThat(out.toString().lines().filter(line -> line.startsWith("HaRP for the JVM ")))
        .hasSize(2);
  }

  @Test
  void everyCommandTellsMistakesOfTheConfigurationInTheSameWay() {
    for (var command : List.of("health", "bans list", "bans clear")) {
      assertThat(run(Map.of(), command.split(" "))).isEqualTo(78);
    }
    assertThat(err.toString().lines())
        .filteredOn(line -> line.equals("harp: the configuration has mistakes:"))
        .hasSize(3);
  }

  @Test
  void whatIsNoPortIsToldWithWhatWouldBe() {
    assertThat(run(Map.of(), "demo", "--port", "http")).isEqualTo(2);
    assertThat(run(Map.of(), "demo", "--port", "65536")).isEqualTo(2);
    assertThat(run(Map.of(), "certs", "export", "--engine-port", "23999")).isEqualTo(2);

    assertThat(err.toString())
        .contains("found 'http', expected a port from 0 to 65535")
        .contains("found '65536', expected")
        .contains("--engine-port: found 23999; expected a number from 24000 to 24099");
  }

  @Test
  void whatIsNoAddressIsNoBan() {
    assertThat(run(Map.of(), "bans", "clear", "everybody")).isEqualTo(2);
    assertThat(err.toString()).contains("found 'everybody'; expected an IP address");
  }

  @Test
  void aTunnelWithoutItsFileIsAnErrorThatNamesIt() {
    assertThat(run(Map.of(), "tunnel", "-c", "/nowhere/frpc.toml")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("harp: there is no file /nowhere/frpc.toml\n");
  }

  @Test
  void healthOfNothingIsAFailureThatNamesEachListener() {
    var environment =
        Map.of(
            "HP_SHARED_KEY", "correct-horse-battery",
            "NC_INSTANCE_URL", "http://nc",
            "HP_CERTS_DIR", "/nowhere",
            "HP_ADMIN_ADDRESS", "127.0.0.1:1",
            "HP_EXAPPS_ADDRESS", "127.0.0.1:2",
            "HP_FRP_ADDRESS", "[::]:3");

    assertThat(run(environment, "health")).isEqualTo(1);
    assertThat(err.toString().lines())
        .hasSize(3)
        .anyMatch(line -> line.startsWith("HP_ADMIN_ADDRESS 127.0.0.1:1: nobody listens there"))
        .anyMatch(line -> line.startsWith("127.0.0.1:2: expected a listener"))
        .anyMatch(line -> line.startsWith("[::1]:3: expected a listener"));
  }

  @Test
  void theManualNamesEveryCommandAndOptionAndIsWellFormed() throws Exception {
    assumeTrue(Files.isExecutable(GROFF), "groff is not installed");
    assertThat(run(Map.of(), "man-page")).isZero();
    var manual = out.toString();

    assertThat(manual)
        .contains(".SS \"harp doctor\"", ".SS \"harp certs export\"", ".SS \"harp bans clear\"")
        .contains(".B \\-\\-public\\-url URL\n", ".B \\-\\-watch\n", ".B [METHOD] URL\n");
    var groff =
        new ProcessBuilder(GROFF.toString(), "-man", "-Tascii", "-ww", "-z")
            .redirectErrorStream(true)
            .start();
    try (var in = groff.getOutputStream()) {
      in.write(manual.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
    assertThat(groff.waitFor()).isZero();
  }

  @Test
  void shellsCanCompleteItsCommands() {
    assertThat(run(Map.of(), "completion")).isZero();

    assertThat(out.toString()).contains("complete -F _complete_harp", "doctor", "'--public-url'");
  }

  private int run(Map<String, String> environment, String... arguments) {
    var shell =
        new Shell(
            environment,
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            OutputStream.nullOutputStream(),
            false);
    return HarpCommand.run(shell, arguments);
  }
}
