// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/**
 * One service of a compose file as options of {@code docker run}, for machines without compose.
 * What it does not know it refuses, so that nothing in the file is left untried.
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
   * Options, image and command.
   *
   * @param network the network that stands for the one of the file, in which the service is called
   *     by this name
   * @param prefix what a volume's name or a relative folder begins with here
   */
  List<String> command(String name, String network, String prefix) {
    var options = new ArrayList<>(List.of("run", "--detach", "--health-interval", "1s"));
    options.addAll(List.of("--network", network, "--network-alias", name));
    var command = new ArrayList<String>();
    for (var entry : definition.entrySet()) {
      switch (entry.getKey()) {
        case "image" -> command.add(0, text(entry.getValue()));
        case "command" -> command.addAll(texts(entry.getValue()));
        case "working_dir" -> options.addAll(List.of("--workdir", text(entry.getValue())));
        case "restart" -> options.addAll(List.of("--restart", text(entry.getValue())));
        case "read_only" -> options.add("--read-only");
        case "cap_drop" -> each("--cap-drop", texts(entry.getValue()), options);
        case "security_opt" -> each("--security-opt", texts(entry.getValue()), options);
        case "environment" -> environment((Map<?, ?>) entry.getValue(), options);
        case "volumes" -> volumes(texts(entry.getValue()), prefix, options);
        case "ports" -> ports(texts(entry.getValue()), options);
        case "networks" -> {
          // The one that was given.
        }
        case "mem_limit" -> options.addAll(List.of("--memory", text(entry.getValue())));
        case "stop_grace_period" -> {
          // For whoever stops it.
        }
        case "healthcheck" -> options.add("--no-healthcheck");
        default -> throw new AssertionError("not translated: " + entry);
      }
    }
    if (options.contains("--no-healthcheck")) {
      options.removeAll(List.of("--health-interval", "1s"));
    }
    options.addAll(command);
    return options;
  }

  private void environment(Map<?, ?> values, List<String> options) {
    values.forEach((name, value) -> options.addAll(List.of("--env", name + "=" + text(value))));
  }

  private static void volumes(List<String> volumes, String prefix, List<String> options) {
    for (var volume : volumes) {
      var source = volume.startsWith("/") ? volume : prefix + volume.replaceFirst("^\\./", "");
      options.addAll(List.of("--volume", source));
    }
  }

  /** On whatever port of this host is free. */
  private static void ports(List<String> ports, List<String> options) {
    for (var port : ports) {
      options.addAll(List.of("--publish", port.replaceFirst(":\\d+:", "::")));
    }
  }

  private static void each(String option, List<String> values, List<String> options) {
    values.forEach(value -> options.addAll(List.of(option, value)));
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
