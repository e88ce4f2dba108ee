// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.Variable.*;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads where a node finds the others. */
final class NodesReader {

  private final Environment environment;

  NodesReader(Environment environment) {
    this.environment = environment;
  }

  /** Empty for a node that has none. */
  Optional<HarpClusterOptions> read() {
    var servers = servers(environment.text(HP_CLUSTER_URL).strip());
    var password = file(HP_CLUSTER_PASSWORD_FILE);
    var authorities = file(HP_CLUSTER_CA_FILE);
    return servers.map(it -> new HarpClusterOptions(it, password, authorities));
  }

  private Optional<RedisServers> servers(String url) {
    try {
      return url.isEmpty() ? Optional.empty() : Optional.of(RedisServers.parse(url));
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
