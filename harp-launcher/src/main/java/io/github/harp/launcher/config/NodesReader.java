// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.Variable.*;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads where a node finds the others. */
final class NodesReader {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,62})");

  private final Environment environment;
  private final Path root;

  /**
   * @param root the root of the file system
   */
  NodesReader(Environment environment, Path root) {
    this.environment = environment;
    this.root = root;
  }

  /** Empty for a node that has none. */
  Optional<HarpClusterOptions> read() {
    var url = environment.text(HP_CLUSTER_URL).strip();
    return url.isEmpty() ? Optional.empty() : options(url);
  }

  private Optional<HarpClusterOptions> options(String url) {
    var password = file(HP_CLUSTER_PASSWORD_FILE);
    var authorities = file(HP_CLUSTER_CA_FILE);
    return servers(url).map(it -> new HarpClusterOptions(it, password, authorities, name()));
  }

  /** Unless one is set, that of the host: a container has one of its own. */
  private String name() {
    var name = environment.text(HP_CLUSTER_NODE);
    if (name.isEmpty()) {
      name = environment.ofOthers("HOSTNAME").orElseGet(this::hostName);
    }
    if (!NAME.matcher(name).matches()) {
      environment.mistake(
          HP_CLUSTER_NODE,
          Environment.quoted(name),
          "a name that no other node has, of at most 63 letters, digits, dots, dashes and"
              + " underscores");
    }
    return name;
  }

  private String hostName() {
    try {
      return Files.readString(root.resolve("etc/hostname")).strip();
    } catch (IOException none) {
      return "";
    }
  }

  private Optional<RedisServers> servers(String url) {
    try {
      return Optional.of(RedisServers.parse(url));
    } catch (IllegalArgumentException e) {
      var shown = ConfigurationReader.withoutPassword(url).replaceFirst("\\?.*", "?…");
      environment.mistake(
          HP_CLUSTER_URL, Environment.quoted(shown), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Path> file(Variable variable) {
    var file = Optional.of(environment.text(variable)).filter(it -> !it.isEmpty()).map(Path::of);
    file.filter(it -> !Files.isReadable(it))
        .ifPresent(
            it ->
                environment.mistake(
                    variable, Environment.quoted(it.toString()), "a readable file"));
    return file;
  }
}
