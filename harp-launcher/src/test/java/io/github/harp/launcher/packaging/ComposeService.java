// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/**
 * One service of a compose file as a container, for machines without compose. What it does not know
 * it refuses, so that nothing in the file is left untried.
 */
record ComposeService(Map<String, Object> definition, Map<String, String> variables) {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)(?::([-?])([^}]*))?}");

  /**
   * @param variables what stands in {@code .env}
   */
  @SuppressWarnings("unchecked")
  static ComposeService read(Path file, String service, Map<String, String> variables)
      throws IOException {
    Map<String, Object> content = new Yaml().load(Files.readString(file));
    var services = (Map<String, Map<String, Object>>) content.get("services");
    return new ComposeService(services.get(service), variables);
  }

  /**
   * A container as the file wants it, but for the network and ports: those of this host that are
   * free.
   *
   * @param prefix what a volume's name or a relative folder begins with here
   */
  LocalContainer container(String prefix) {
    var container = new LocalContainer(text(definition.get("image")));
    if (!definition.containsKey("healthcheck")) {
      container.healthy();
    }
    for (var entry : definition.entrySet()) {
      apply(entry.getKey(), entry.getValue(), prefix, container);
    }
    return container;
  }

  private void apply(String key, Object value, String prefix, LocalContainer container) {
    switch (key) {
      case "image", "networks", "stop_grace_period" -> {
        // Known already, given by the test, for whoever stops it.
      }
      case "command" -> container.withCommand(texts(value).toArray(String[]::new));
      case "working_dir" -> container.withWorkingDirectory(text(value));
      case "environment" ->
          ((Map<?, ?>) value).forEach((name, set) -> container.withEnv((String) name, text(set)));
      case "ports" ->
          texts(value)
              .forEach(port -> container.addExposedPort(Integer.valueOf(lastOf(port, ":"))));
      case "restart" ->
          host(container, it -> it.withRestartPolicy(RestartPolicy.parse(text(value))));
      case "read_only" -> host(container, it -> it.withReadonlyRootfs((Boolean) value));
      case "cap_drop" ->
          host(
              container,
              it ->
                  it.withCapDrop(
                      texts(value).stream().map(Capability::valueOf).toArray(Capability[]::new)));
      case "security_opt" -> host(container, it -> it.withSecurityOpts(texts(value)));
      case "volumes" ->
          host(
              container,
              it ->
                  it.withBinds(
                      texts(value).stream()
                          .map(volume -> Bind.parse(source(volume, prefix)))
                          .toArray(Bind[]::new)));
      case "mem_limit" -> host(container, it -> it.withMemory(mebibytes(text(value)) << 20));
      case "healthcheck" ->
          container.withCreateContainerCmdModifier(
              create -> create.withHealthcheck(new HealthCheck().withTest(List.of("NONE"))));
      default -> throw new AssertionError("not translated: " + key + ": " + value);
    }
  }

  private static void host(LocalContainer container, Consumer<HostConfig> change) {
    container.withCreateContainerCmdModifier(create -> change.accept(create.getHostConfig()));
  }

  private static String source(String volume, String prefix) {
    return volume.startsWith("/") ? volume : prefix + volume.replaceFirst("^\\./", "");
  }

  private static String lastOf(String text, String separator) {
    return text.substring(text.lastIndexOf(separator) + 1);
  }

  private static long mebibytes(String text) {
    assertThat(text).matches("\\d+m");
    return Long.parseLong(text.substring(0, text.length() - 1));
  }

  private List<String> texts(Object list) {
    return ((List<?>) list).stream().map(this::text).toList();
  }

  private String text(Object value) {
    return VARIABLE
        .matcher(String.valueOf(value))
        .replaceAll(
            found -> {
              var set = variables.get(found.group(1));
              if (set == null && !"-".equals(found.group(2))) {
                throw new AssertionError(found.group() + " is not set");
              }
              return set == null ? found.group(3) : set;
            });
  }
}
