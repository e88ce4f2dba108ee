// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.ConfigurationException.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and in which words. */
class ConfigurationMistakesTest extends ReadsVariables {

  /** A value, and what its error message must contain. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("HP_SHARED_KEY", "", "neither"),
        mistake("HP_SHARED_KEY", "line\nbreak", "U+000A"),
        mistake("HP_SHARED_KEY", "schlüssel", "U+00FC"),
        mistake("HP_SHARED_KEY", "ab\"cd", "quotation mark"),
        mistake("HP_SHARED_KEY", "ab\\cd", "backslash"),
        mistake("NC_INSTANCE_URL", "", "nothing"),
        mistake("HP_UPGRADES", "websocket,h2c", "without HTTP"),
        mistake("HP_UPGRADES", "TLS/1.3", "without HTTP"),
        mistake("HP_UPGRADES", "web socket", "names of protocols"),
        mistake("NC_INSTANCE_URL", "''", "nothing"),
        mistake("HP_EXAPPS_ADDRESS", "", "nothing"),
        mistake("HP_EXAPPS_ADDRESS", "8780", "'8780'"),
        mistake("HP_EXAPPS_ADDRESS", "0.0.0.0:65536", "65535"),
        mistake("HP_EXAPPS_ADDRESS", "1.2.3:8780", "address:port"),
        mistake("HP_EXAPPS_HTTPS_ADDRESS", "[::8781", "address:port"),
        mistake("HP_FRP_ADDRESS", "", "nothing"),
        mistake("HP_FRP_ADDRESS", "harp", "'harp'"),
        mistake("HP_ADMIN_ADDRESS", "yes", "'yes'"),
        mistake("HP_CERTS_DIR", "", "a folder"),
        mistake("HP_TRANSPORT", "kqueue", "io_uring"),
        mistake("HP_SHUTDOWN_GRACE", "soon", "30s"),
        mistake("HP_SESSION_LIFETIME", "11", "0 to 10"),
        mistake("HP_SESSION_LIFETIME", "-1", "0 to 10"),
        mistake("HP_SESSION_LIFETIME", "nan", "0 to 10"),
        mistake("HP_BLACKLIST_WINDOW", "\"300\"", "whole number"),
        mistake("HP_BLACKLIST_WINDOW", "5m", "whole number"),
        mistake("HP_BLACKLIST_COUNT", "0", "at least 1"),
        mistake("HP_BLACKLIST_COUNT", "-3", "at least 1"),
        mistake("HP_BLACKLIST_ANSWER", "403", "browser, always or drop"),
        mistake("HP_TIMEOUT_CONNECT", "30 s", "30s"),
        mistake("HP_TIMEOUT_CONNECT", "25d", "24 days"),
        mistake("HP_TIMEOUT_CLIENT", "0.5s", "30s"),
        mistake("HP_TIMEOUT_CLIENT", "-1", "30s"),
        mistake("HP_TIMEOUT_SERVER", "999999999999999999d", "24 days"),
        mistake("HP_TIMEOUT_SERVER", "", "nothing"),
        mistake("HP_TIMEOUT_TUNNEL", "0.0", "30s"),
        mistake("HP_LIMIT_CONNECTIONS", "0", "at least 1"),
        mistake("HP_LIMIT_CLIENT", "-1", "0 for no limit"),
        mistake("HP_LIMIT_EXAPP", "many", "0 for no limit"),
        mistake("HP_FRP_CERT_VALIDITY_DAYS", "0", "days"),
        mistake("HP_FRP_CERT_VALIDITY_DAYS", "1y", "days"),
        mistake("HP_EXAPP_KEY", "none", "token or shared"),
        mistake("HP_DOCKER_ENGINES", "unix:///var/run/docker.sock", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=unix://docker.sock", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=http://10.0.0.7:2375", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://10.0.0.7:0", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24100=tcp://10.0.0.7:2375", "number=address"),
        mistake("HP_DOCKER_ENGINES", "x=tcp://10.0.0.7:2375", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://10.0.0.7", "address:port"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://10.0.0.7:65536", "address:port"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://2001:db8::1:2375x", "address:port"),
        mistake("HP_DOCKER_ENGINES", "23000=unix:///x", "24000 to 24099"),
        mistake("HP_DOCKER_ENGINES", "24000=/var/run/docker.sock", "unix:///var/run/docker.sock"),
        mistake("HP_DOCKER_ENGINES", "24001=tcp://a:1,24001=tcp://b:1", "24001 twice"),
        mistake("HP_ALLOWED_MOUNTS", "/a,b", "absolute paths"),
        mistake("HP_ALLOWED_MOUNTS", "/srv/../etc", "without '..'"),
        mistake("HP_LOG_LEVEL", "trace", "debug, info, warning or error"),
        mistake("HP_LOG_LEVEL", "", "nothing"),
        mistake("HP_LOG_FORMAT", "xml", "text or json"));
  }

  @ParameterizedTest(name = "{0}={1}")
  @MethodSource("mistakes")
  void refuses(String variable, String value, String said) {
    assertThatThrownBy(() -> read(variable, value))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(variable)
        .hasMessageContaining("expected")
        .hasMessageContaining(said);
  }

  @Test
  void namesAllMistakesAtOnce() {
    var values = Map.of("HP_TIMEOUT_CLIENT", "x", "HP_BLACKLIST_COUNT", "y", "HP_LOG_LEVEL", "z");

    var thrown =
        catchThrowableOfType(ConfigurationException.class, () -> Configuration.from(values, root));

    assertThat(thrown.mistakes())
        .extracting(Mistake::variable)
        .containsExactlyInAnyOrder(
            "HP_SHARED_KEY or HP_SHARED_KEY_FILE",
            "NC_INSTANCE_URL",
            "HP_TIMEOUT_CLIENT",
            "HP_BLACKLIST_COUNT",
            "HP_LOG_LEVEL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "''", "\"''\"", "-n", "-ne", "   "})
  @DisplayName("W5 a key that is empty once its quotes are removed is refused")
  void w5_aKeyThatIsEmptyOnceItsQuotesAreRemovedIsRefused(String key) {
    assertThatThrownBy(() -> read("HP_SHARED_KEY", key))
        .hasMessageContaining("an empty key once its quotes are removed");
  }

  @Test
  void refusesAKeyFileThatIsMissingEmptyOrAFolder() throws IOException {
    var empty = Files.createFile(root.resolve("empty"));

    for (var file : List.of(root.resolve("missing"), empty, root)) {
      assertThatThrownBy(
              () -> readWith(Map.of("HP_SHARED_KEY_FILE", file.toString()), "HP_SHARED_KEY"))
          .hasMessageStartingWith("HP_SHARED_KEY_FILE: found '" + file)
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void refusesAKeyAndAKeyFileTogether() {
    assertThatThrownBy(() -> read("HP_SHARED_KEY_FILE", "/run/secrets/key"))
        .hasMessage("HP_SHARED_KEY and HP_SHARED_KEY_FILE: found both; expected one of them");
  }

  @Test
  @DisplayName("W27 neither the configuration nor its mistakes show the key")
  void w27_neitherTheConfigurationNorItsMistakesShowTheKey() throws Exception {
    assertThat(read("HP_LOG_LEVEL", "debug").toString()).doesNotContain(KEY);
    assertThatThrownBy(() -> read("HP_SHARED_KEY", "hush\"hush"))
        .hasMessageNotContaining("hush\"hush");
  }
}
