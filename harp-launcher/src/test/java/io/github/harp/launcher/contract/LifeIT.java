// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Contract 2 and 9: how it starts, how it does not, and how it ends. */
class LifeIT {

  private static final int EX_CONFIG = 78;

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("no key", "HP_SHARED_KEY", env -> env.remove("HP_SHARED_KEY")),
        mistake("W5 a key of quotes", "HP_SHARED_KEY", env -> env.put("HP_SHARED_KEY", "\"\"")),
        mistake("a key with a tab", "HP_SHARED_KEY", env -> env.put("HP_SHARED_KEY", "a\tb")),
        mistake(
            "two keys",
            "HP_SHARED_KEY_FILE",
            env -> env.put("HP_SHARED_KEY_FILE", "/etc/hostname")),
        mistake("no Nextcloud", "NC_INSTANCE_URL", env -> env.put("NC_INSTANCE_URL", "")),
        mistake(
            "a ban for everybody", "HP_BLACKLIST_COUNT", env -> env.put("HP_BLACKLIST_COUNT", "0")),
        mistake(
            "a session for ever",
            "HP_SESSION_LIFETIME",
            env -> env.put("HP_SESSION_LIFETIME", "11")),
        mistake("no duration", "HP_TIMEOUT_SERVER", env -> env.put("HP_TIMEOUT_SERVER", "soon")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void aMistakeIsNamedAndNothingIsStarted(
      String name, String variable, Consumer<Map<String, String>> change) throws Exception {
    var environment = Stage.environment(1);
    change.accept(environment);

    try (var harp = HarpProcess.start(environment)) {
      assertThat(harp.awaitExit()).as(harp.output()).isEqualTo(EX_CONFIG);
      assertThat(harp.output()).contains(variable).doesNotContain("Exception", "\tat ", Stage.KEY);
    }
  }

  @Test
  void allMistakesAreReportedTogether() throws Exception {
    var environment = Stage.environment(1);
    environment.remove("HP_SHARED_KEY");
    environment.put("NC_INSTANCE_URL", "");
    environment.put("HP_BLACKLIST_WINDOW", "x");

    try (var harp = HarpProcess.start(environment)) {
      assertThat(harp.awaitExit()).isEqualTo(EX_CONFIG);
      assertThat(harp.output())
          .contains(List.of("HP_SHARED_KEY", "NC_INSTANCE_URL", "HP_BLACKLIST_WINDOW"));
    }
  }

  @Test
  void aPortInUseIsNamedWithoutAStackTrace() throws Exception {
    try (var other = new RawServer()) {
      var environment = Stage.environment(1);
      environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + other.port());

      try (var harp = HarpProcess.start(environment)) {
        assertThat(harp.awaitExit()).isNotZero();
        assertThat(harp.output()).contains("" + other.port()).doesNotContain("\tat ");
      }
    }
  }

  @Test
  void itEndsWithZeroWhenItIsAskedTo() throws Exception {
    var environment = Stage.environment(1);
    var port = HarpProcess.freePort();
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);

    try (var harp = HarpProcess.start(environment).awaitListening(port)) {
      harp.terminate();

      assertThat(harp.awaitExit()).as(harp.output()).isZero();
      assertThat(harp.output()).doesNotContain(Stage.KEY);
    }
  }

  private static Arguments mistake(
      String name, String variable, Consumer<Map<String, String>> change) {
    return Arguments.of(name, variable, change);
  }
}
