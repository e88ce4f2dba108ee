// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.map;

import io.github.harp.launcher.config.environment.Variable;
import io.github.harp.tunnel.config.EngineExport;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The compose files fit together and use what exists. */
class ComposeFilesTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("harp.root", ".."), "packaging", "compose");

  /** What {@code harp certs export} writes for a Docker host elsewhere. */
  @TempDir private static Path export;

  @BeforeAll
  static void exportAnEngine(@TempDir Path certs) throws Exception {
    var authority = CertificateAuthority.open(certs, Duration.ofDays(90), Clock.systemUTC());
    new EngineExport("harp.example.com", 8782, 24001).write(export, authority.clientFiles());
  }

  @Test
  @DisplayName("F20: there is one compose file for a remote engine, the exported one")
  void f20_thereIsOneFileForARemoteEngine() {
    assertThat(FOLDER.toFile().list()).containsExactly("all-in-one.yaml");
    assertThat(export.resolve("compose.yaml")).exists();
  }

  @Test
  @DisplayName("F20: the proxy on the host is believed, whose address is the network's gateway")
  void f20_theNetworksGatewayIsATrustedProxy() throws IOException {
    var file = read("all-in-one.yaml");
    var harp = section(file, "services").get("harp");

    assertThat(section(file, "networks").get("nextcloud").toString())
        .contains("gateway=172.31.87.1");
    assertThat(harp)
        .extractingByKey("environment", map(String.class, Object.class))
        .containsEntry("HP_TRUSTED_PROXY_IPS", "${HP_TRUSTED_PROXY_IPS:-172.31.87.1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-in-one.yaml", "compose.yaml"})
  void whatAServiceRefersToIsDefined(String name) throws IOException {
    var file = read(name);
    var services = section(file, "services");

    assertThat(services).isNotEmpty();
    services.forEach(
        (service, definition) -> {
          assertThat(definition.keySet())
              .as(service)
              .contains("image", "restart")
              .isSubsetOf(KNOWN_KEYS);
          assertThat(section(file, "networks").keySet())
              .containsAll(strings(definition, "networks"));
          assertThat(services.keySet()).containsAll(strings(definition, "depends_on"));
          assertThat(strings(definition, "volumes"))
              .allSatisfy(
                  volume ->
                      assertThat(volume)
                          .as("a path, or a volume of this file")
                          .matches(
                              text ->
                                  text.matches("[./].*")
                                      || section(file, "volumes")
                                          .containsKey(text.split(":", 2)[0])));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-in-one.yaml", "compose.yaml"})
  void harpRunsWithTheLeastRightsAndSettingsThatExist(String name) throws IOException {
    var text = text(name);
    var services = section(read(name), "services");
    var harp = services.getOrDefault("harp", services.get("tunnel"));

    assertThat(harp)
        .containsEntry("read_only", true)
        .containsEntry("cap_drop", List.of("ALL"))
        .containsEntry("security_opt", List.of("no-new-privileges:true"));
    assertThat(harp).extractingByKey("environment", map(String.class, Object.class)).isNotEmpty();
    var known = Arrays.stream(Variable.values()).map(Enum::name).toList();
    assertThat(Pattern.compile("\\b(?:HP|NC)_[A-Z_]+").matcher(text).results())
        .isNotEmpty()
        .allSatisfy(variable -> assertThat(known).contains(variable.group()));
  }

  @Test
  void aMissingKeyIsNamedBeforeAnythingStarts() throws IOException {
    for (var name : List.of("all-in-one.yaml", "compose.yaml")) {
      assertThat(text(name)).contains("HP_SHARED_KEY: ${HP_SHARED_KEY:?");
    }
  }

  @Test
  void theTunnelsClientIsStartedInTheExportedFolder() throws IOException {
    var tunnel = section(read("compose.yaml"), "services").get("tunnel");

    assertThat(tunnel)
        .extractingByKey("command", list(String.class))
        .containsExactly("-c", "frpc.toml");
    // Certificates are named relative to it.
    assertThat(tunnel).containsEntry("working_dir", "/certs/frp");
    assertThat(strings(tunnel, "volumes")).contains(".:/certs/frp:ro");
  }

  /** A misspelt key would be refused by compose. */
  private static final List<String> KNOWN_KEYS =
      List.of(
          "image",
          "restart",
          "command",
          "working_dir",
          "read_only",
          "cap_drop",
          "security_opt",
          "environment",
          "volumes",
          "ports",
          "networks",
          "depends_on",
          "healthcheck",
          "mem_limit",
          "stop_grace_period");

  private static String text(String name) throws IOException {
    var ours = FOLDER.resolve(name);
    return Files.readString(Files.exists(ours) ? ours : export.resolve(name));
  }

  private static Map<String, Object> read(String name) throws IOException {
    return new Yaml().load(text(name));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Object>> section(Map<String, Object> file, String name) {
    return (Map<String, Map<String, Object>>) file.getOrDefault(name, Map.of());
  }

  @SuppressWarnings("unchecked")
  private static List<String> strings(Map<String, Object> definition, String name) {
    return (List<String>) definition.getOrDefault(name, List.of());
  }
}
