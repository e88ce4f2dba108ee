// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.*;

import io.github.harp.core.Secret;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.config.ClusterSettings.HostAlias;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.config.ClusterSettings.Token;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what the variables say of a cluster. What is odd only warns: its API server judges. */
final class ClusterReader {

  private static final Pattern URL = Pattern.compile("https?://[^/?#@\\s]+(/[^?#\\s]*)?");
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F.:]+");

  private final Environment environment;

  ClusterReader(Environment environment) {
    this.environment = environment;
  }

  /** Empty when none is wanted. */
  Optional<ClusterSettings> read() {
    return environment.isOn(HP_K8S_ENABLED) ? Optional.of(settings()) : Optional.empty();
  }

  private ClusterSettings settings() {
    var server = apiServer();
    var verify = environment.isOn(HP_K8S_VERIFY_SSL);
    if (!verify) {
      environment.warn(
          HP_K8S_VERIFY_SSL,
          "off: whoever is in the way to the API server gets the token and may give any answer");
    } else if (server.filter(it -> it.startsWith("http:")).isPresent()) {
      environment.warn(
          HP_K8S_API_SERVER, "not https: whoever is in the way gets the token; expected https://…");
    }
    return new ClusterSettings(
        server,
        namespace(),
        new Token(
            optional(HP_K8S_BEARER_TOKEN).map(Secret::of),
            Path.of(environment.text(HP_K8S_BEARER_TOKEN_FILE))),
        Path.of(environment.text(HP_K8S_CA_FILE)),
        verify,
        new Standards(
            optional(HP_K8S_STORAGE_CLASS),
            environment.text(HP_K8S_DEFAULT_STORAGE_SIZE),
            hostAliases(),
            environment.isOn(HP_K8S_RESTRICTED),
            environment.require(HP_K8S_NETWORK_POLICY, Standards::peers)));
  }

  private Optional<String> apiServer() {
    var server = optional(HP_K8S_API_SERVER).or(this::ofPod);
    if (server.isEmpty()) {
      environment.warn(
          HP_K8S_API_SERVER,
          "found nothing, and this is no pod; expected a URL such as https://10.96.0.1:443; orders"
              + " for the cluster fail");
    } else if (!URL.matcher(server.get()).matches()) {
      environment.warn(
          HP_K8S_API_SERVER,
          "found "
              + Environment.quoted(server.get())
              + ", expected a URL such as https://10.96.0.1:443; orders for the cluster fail");
      return Optional.empty();
    }
    return server.map(it -> it.replaceFirst("/+$", ""));
  }

  /** What each pod is told. */
  private Optional<String> ofPod() {
    return environment
        .ofOthers("KUBERNETES_SERVICE_HOST")
        .map(
            host ->
                "https://"
                    + IpAddresses.inUrl(host)
                    + ":"
                    + environment.ofOthers("KUBERNETES_SERVICE_PORT").orElse("443"));
  }

  static boolean isNamespace(String text) {
    return text.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  }

  private String namespace() {
    return environment.orDefault(
        HP_K8S_NAMESPACE,
        text -> {
          if (!isNamespace(text)) {
            throw new IllegalArgumentException("the name of a namespace");
          }
          return text;
        });
  }

  private List<HostAlias> hostAliases() {
    var names = new LinkedHashMap<String, List<String>>();
    for (var entry : environment.text(HP_K8S_HOST_ALIASES).split(",")) {
      var parts = entry.strip().split(":", 2);
      var ip = parts.length < 2 ? "" : parts[1].strip().replaceAll("^\\[|\\]$", "");
      var name = parts[0].strip();
      if (HOST_NAME.matcher(name).matches() && ADDRESS.matcher(ip).matches()) {
        names.computeIfAbsent(ip, it -> new ArrayList<>()).add(name);
      } else if (!entry.isBlank()) {
        environment.warn(
            HP_K8S_HOST_ALIASES,
            "left out " + Environment.quoted(entry.strip()) + ", expected name:address");
      }
    }
    return names.entrySet().stream()
        .map(alias -> new HostAlias(alias.getKey(), List.copyOf(alias.getValue())))
        .toList();
  }

  private Optional<String> optional(Variable variable) {
    return Optional.of(environment.text(variable).strip()).filter(it -> !it.isEmpty());
  }
}
