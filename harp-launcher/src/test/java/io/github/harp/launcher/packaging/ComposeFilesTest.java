// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.map;

import io.github.harp.launcher.config.Variable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The compose files fit together and use what exists. */
class ComposeFilesTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("harp.root", ".."), "packaging", "compose");

  @ParameterizedTest
  @ValueSource(strings = {"all-in-one.yaml", "remote-engine.yaml"})
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
  @ValueSource(strings = {"all-in-one.yaml", "remote-engine.yaml"})
  void harpRunsWithTheLeastRightsAndSettingsThatExist(String name) throws IOException {
    var text = Files.readString(FOLDER.resolve(name));
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
    for (var name : List.of("all-in-one.yaml", "remote-engine.yaml")) {
      assertThat(Files.readString(FOLDER.resolve(name)))
          .contains("HP_SHARED_KEY: ${HP_SHARED_KEY:?");
    }
  }

  @Test
  void theTunnelIsACommandWithTheExportedConfiguration() throws IOException {
    var tunnel = section(read("remote-engine.yaml"), "services").get("tunnel");

    assertThat(tunnel)
        .extractingByKey("command", list(String.class))
        .containsExactly("tunnel", "--config", "frpc.toml");
    // Certificates are named relative to it.
    assertThat(tunnel).containsEntry("working_dir", "/engine");
    assertThat(strings(tunnel, "volumes")).contains("./engine:/engine:ro");
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

  private static Map<String, Object> read(String name) throws IOException {
    return new Yaml().load(Files.readString(FOLDER.resolve(name)));
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
