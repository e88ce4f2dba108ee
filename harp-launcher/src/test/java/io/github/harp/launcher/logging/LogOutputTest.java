// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.config.LogSettings;
import io.github.harp.launcher.config.LogSettings.Format;
import io.github.harp.launcher.config.LogSettings.Level;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class LogOutputTest {

  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(out, true, UTF_8));
    System.setErr(new PrintStream(err, true, UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(realOut);
    System.setErr(realErr);
    LogOutput.direct(new LogSettings());
  }

  @Test
  void aLineHasTheOriginalsForm() {
    LogOutput.direct(new LogSettings(Level.INFO, Format.TEXT, false, false));
    log("io.github.harp.core").warn("banned {}", "203.0.113.7");

    assertThat(err.toString(UTF_8))
        .matches(
            "\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d{4}] \\[WARNING] banned"
                + " 203\\.0\\.113\\.7\n");
  }

  @Test
  void aMessageCannotForgeALine() {
    LogOutput.direct(new LogSettings());
    log("io.github.harp.core").error("path /a\r\n[2026-01-01T00:00:00+0000] [ERROR] forged");

    assertThat(err.toString(UTF_8)).hasLineCount(1);
  }

  /** S15: in the message, in a value and in the message of a failure, whoever writes the line. */
  @ParameterizedTest(name = "S15: U+{0}")
  @ValueSource(
      strings = {
        "0000", "0007", "0008", "0009", "000a", "000b", "000c", "000d", "001b", "007f", "0080",
        "0085", "009b", "00a0", "00ad", "034f", "061c", "115f", "180e", "200b", "200c", "200d",
        "200e", "200f", "2028", "2029", "202a", "202b", "202c", "202d", "202e", "2060", "2066",
        "2067", "2068", "2069", "2800", "3164", "d800", "fe0f", "feff", "ffa0", "fff9", "e0001",
        "e007f", "e0100"
      })
  void whatIsNotSeenNeverReachesALog(String hex) {
    var character = Character.toString(Integer.parseInt(hex, 16));
    var message = "before" + character + "[2026-01-01T00:00:00+0000] [ERROR] after";
    for (var format : Format.values()) {
      LogOutput.direct(new LogSettings(Level.INFO, format, false, false));
      log("io.github.harp.core").error("{}", message, new IllegalStateException(message));
      log(LogOutput.ACCESS).atInfo().addKeyValue("app", message).log(message);
    }

    assertThat(out.toString(UTF_8)).contains("before", "after").matches("([ -~]+\n){2}");
    assertThat(err.toString(UTF_8)).contains("before", "after").matches("(\t?[ -~]+\n)+");
    assertThat(err.toString(UTF_8).lines()).noneMatch(line -> line.startsWith("[2026-01-01"));
    assertThat(new JsonObject(out.toString(UTF_8).lines().toList().get(1)).getString("app"))
        .isEqualTo(hex.equals("d800") ? message.replace(character, "\ud800") : message);
  }

  @Test
  void whatIsSeenStaysAsItIs() {
    LogOutput.direct(new LogSettings(Level.INFO, Format.TEXT, false, false));
    log("io.github.harp.core").error("Grüße, 日本語, עברית, 😀 – 100 %");

    assertThat(err.toString(UTF_8)).contains("Grüße, 日本語, עברית, 😀 – 100 %");
  }

  @Test
  void requestsGoToStandardOutputAndNothingElseDoes() {
    LogOutput.direct(new LogSettings(Level.INFO, Format.TEXT, false, false));
    log(LogOutput.ACCESS).info("GET /exapps/a/");
    log("io.github.harp.core").info("elsewhere");

    assertThat(out.toString(UTF_8)).contains("GET /exapps/a/").hasLineCount(1);
    assertThat(err.toString(UTF_8)).contains("elsewhere").hasLineCount(1);
  }

  @Test
  void theStepsOfAStartAreShownAtAnyLevelWhenAskedFor() {
    LogOutput.direct(new LogSettings(Level.WARNING, Format.TEXT, true, false));
    log(LogOutput.PROGRESS).info("step");
    LogOutput.direct(new LogSettings(Level.WARNING, Format.TEXT, false, false));
    log(LogOutput.PROGRESS).info("hidden");

    assertThat(err.toString(UTF_8)).contains("step").doesNotContain("hidden");
  }

  @Test
  void librariesAreQuietAtDebug() {
    LogOutput.direct(new LogSettings(Level.DEBUG, Format.TEXT, false, false));
    log("io.github.harp.proxy").debug("ours");
    log("io.netty.channel").debug("theirs");
    log("com.github.dockerjava").debug("theirs");

    assertThat(err.toString(UTF_8)).contains("ours").doesNotContain("theirs");
  }

  /** F20: the watch of event loops has said it in one line when Vert.x adds stacks to it. */
  @Test
  void f20_blockedEventLoopsAreToldOnce() {
    LogOutput.direct(new LogSettings(Level.WARNING, Format.TEXT, false, false));
    log("io.vertx.core.impl.BlockedThreadChecker").warn("Thread has been blocked", new Throwable());

    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void machinesGetOneJsonObjectPerLine() {
    LogOutput.direct(new LogSettings(Level.WARNING, Format.JSON, false, false));
    log("io.github.harp.core").warn("a \"quoted\"\nmessage of {}", 7);

    var line = new JsonObject(err.toString(UTF_8).strip());
    assertThat(line.getString("level")).isEqualTo("WARNING");
    assertThat(line.getString("logger")).isEqualTo("io.github.harp.core");
    assertThat(Instant.parse(line.getString("time"))).isBefore(Instant.now().plusSeconds(1));
    assertThat(line.getString("message")).isEqualTo("a \"quoted\"\nmessage of 7");
  }

  @Test
  void whatALineHasToSayBesidesIsFlatAndKeepsItsType() {
    LogOutput.direct(new LogSettings(Level.INFO, Format.JSON, false, false));
    log(LogOutput.ACCESS)
        .atInfo()
        .addKeyValue("status", 200)
        .addKeyValue("app", "demo")
        .addKeyValue("total_ms", new BigDecimal("1.5"))
        .addKeyValue("message", "not this one")
        .log("GET /");

    var line = new JsonObject(out.toString(UTF_8).strip());
    assertThat(line.getInteger("status")).isEqualTo(200);
    assertThat(line.getString("app")).isEqualTo("demo");
    assertThat(line.getDouble("total_ms")).isEqualTo(1.5);
    assertThat(line.getString("message")).isEqualTo("GET /");
  }

  @Test
  void aFailureKeepsItsStackInOneLine() {
    LogOutput.direct(new LogSettings(Level.WARNING, Format.JSON, false, false));
    log("io.github.harp.core").error("broke", new IllegalStateException("on purpose"));

    assertThat(err.toString(UTF_8)).hasLineCount(1);
    assertThat(new JsonObject(err.toString(UTF_8)).getString("stack"))
        .contains("on purpose", "aFailureKeepsItsStackInOneLine");
  }

  private static org.slf4j.Logger log(String name) {
    return LoggerFactory.getLogger(name);
  }
}
