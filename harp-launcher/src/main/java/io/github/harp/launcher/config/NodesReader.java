// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.*;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.Configuration.Node;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.Variable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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
  Optional<Node> read() {
    var url = environment.text(HP_CLUSTER_URL).strip();
    return url.isEmpty() ? Optional.empty() : options(url);
  }

  private Optional<Node> options(String url) {
    var password = file(HP_CLUSTER_PASSWORD_FILE);
    var authorities = file(HP_CLUSTER_CA_FILE);
    var name = name();
    var address = environment.require(HP_CLUSTER_ADDRESS, ListenAddress::parse);
    var advertised =
        environment.require(
            HP_CLUSTER_ADVERTISE,
            text ->
                text.isEmpty()
                    ? new ListenAddress(ownAddress(address, name), 0)
                    : ListenAddress.parse(text));
    return servers(url)
        .map(
            it ->
                new Node(
                    new HarpClusterOptions(it, password, authorities, name), address, advertised));
  }

  /** The one that it listens at or, where these are all, the first that is not for itself alone. */
  private static String ownAddress(ListenAddress listening, String name) {
    if (listening.seenFromHere().equals(listening)) {
      return listening.host();
    }
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(it -> !it.isLoopbackAddress() && !it.isLinkLocalAddress())
          .min(Comparator.comparing(it -> it instanceof Inet6Address))
          .map(IpAddresses::text)
          .orElse(name);
    } catch (SocketException e) {
      return name;
    }
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
