// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.config;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a cluster is reached, and what the ExApps in it are to have. Contract 2.6.
 *
 * @param apiServer base URL without a slash at the end; empty when none is known
 * @param namespace where everything is; it is not created
 * @param caFile PEM certificates that sign the API server's; read when a client is made, the
 *     system's are trusted where the file does not exist
 * @param verifyTls whether the API server has to prove who it is
 * @param standards what each ExApp gets
 */
public record ClusterSettings(
    Optional<String> apiServer,
    String namespace,
    Token token,
    Path caFile,
    boolean verifyTls,
    Standards standards) {

  /** The bearer token, fixed or in a file, which is read for each call: the cluster renews it. */
  public record Token(Optional<Secret> fixed, Path file) {}

  /**
   * What each ExApp gets.
   *
   * @param storageClass empty for the cluster's own choice
   * @param storageSize of an ExApp's volume, as Kubernetes writes amounts
   * @param hostAliases names that its pods know beside those of the name server
   * @param restricted whether its pods are held to the cluster's Pod Security Standard of that
   *     name: no root, no capabilities, no gain of privileges
   * @param peers who may connect to its pods besides themselves; none: everybody may
   */
  public record Standards(
      Optional<String> storageClass,
      String storageSize,
      List<HostAlias> hostAliases,
      boolean restricted,
      List<NetworkPolicyPeer> peers) {

    public Standards {
      hostAliases = List.copyOf(hostAliases);
      peers = List.copyOf(peers);
    }

    /** Peers as a NetworkPolicy has them, in JSON; none for no text. */
    public static List<NetworkPolicyPeer> peers(String json) {
      try {
        return json.isBlank()
            ? List.of()
            : List.of(Serialization.unmarshal(json, NetworkPolicyPeer[].class));
      } catch (RuntimeException malformed) {
        throw new IllegalArgumentException(
            "peers of a NetworkPolicy in JSON, such as [{\"ipBlock\": {\"cidr\":"
                + " \"10.0.0.0/24\"}}]",
            malformed);
      }
    }
  }

  /** An address and the names that lead to it. */
  public record HostAlias(String ip, List<String> hostNames) {}

  /** Where it is; nothing secret. */
  @Override
  public String toString() {
    return "namespace " + namespace + " at " + apiServer.orElse("an API server that is not known");
  }
}
