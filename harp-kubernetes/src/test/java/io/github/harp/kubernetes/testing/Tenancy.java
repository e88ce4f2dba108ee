// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.testing;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.Secret;
import io.github.harp.kubernetes.KubernetesCluster;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A namespace of its own, and an account that may do there what the documented Role says. Where
 * that has to do with network policies, ExApps are to have one.
 */
public final class Tenancy implements AutoCloseable {

  private static final String ACCOUNT = "harp";

  /** Pods of a HaRP in the cluster, and where one outside of it is. */
  public static final String PEERS =
      """
      [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "nextcloud"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "harp"}}},
       {"ipBlock": {"cidr": "10.98.0.0/24"}}]
      """;

  private final KubernetesClient admin = RealCluster.admin();
  private final List<NetworkPolicyPeer> peers;
  private final String namespace = "t-" + UUID.randomUUID().toString().substring(0, 8);

  public Tenancy() {
    this(role(), true);
  }

  /**
   * @param nodes whether it may look at nodes
   */
  public Tenancy(Role role, boolean nodes) {
    peers =
        role.getRules().stream().anyMatch(it -> it.getResources().contains("networkpolicies"))
            ? Standards.peers(PEERS)
            : List.of();
    admin
        .namespaces()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    admin
        .serviceAccounts()
        .inNamespace(namespace)
        .resource(
            new ServiceAccountBuilder().withNewMetadata().withName(ACCOUNT).endMetadata().build())
        .create();
    admin.rbac().roles().inNamespace(namespace).resource(role).create();
    admin
        .rbac()
        .roleBindings()
        .inNamespace(namespace)
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withName(ACCOUNT)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", role.getMetadata().getName())
                .addNewSubject(null, "ServiceAccount", ACCOUNT, namespace)
                .build())
        .create();
    if (nodes) {
      bindNodes();
    }
  }

  private void bindNodes() {
    var mayListNodes =
        KubernetesCluster.class.getResourceAsStream("/io/github/harp/kubernetes/nodes.yaml");
    var clusterRole = admin.rbac().clusterRoles().load(mayListNodes).item();
    admin.resource((ClusterRole) clusterRole).createOr(io -> io.update());
    admin
        .rbac()
        .clusterRoleBindings()
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .withNewRoleRef(
                    "rbac.authorization.k8s.io", "ClusterRole", clusterRole.getMetadata().getName())
                .addNewSubject(null, "ServiceAccount", ACCOUNT, namespace)
                .build())
        .create();
  }

  /** What is documented, and printed by the doctor. */
  public static Role role() {
    return Serialization.unmarshal(text("role.yaml"), Role.class);
  }

  /** The same where ExApps have network policies. */
  public static Role roleForPolicies() {
    return Serialization.unmarshal(
        text("role.yaml") + text("role-networkpolicies.yaml"), Role.class);
  }

  private static String text(String file) {
    try (var in =
        KubernetesCluster.class.getResourceAsStream("/io/github/harp/kubernetes/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String namespace() {
    return namespace;
  }

  public KubernetesClient admin() {
    return admin;
  }

  /** A new token of the account. */
  public String token() {
    return admin
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(ACCOUNT)
        .tokenRequest(
            new TokenRequestBuilder().withNewSpec().withExpirationSeconds(3600L).endSpec().build())
        .getStatus()
        .getToken();
  }

  public ClusterSettings settings() {
    return settings(peers);
  }

  public ClusterSettings settings(ClusterSettings.Token token) {
    return settings(token, peers);
  }

  public ClusterSettings settings(List<NetworkPolicyPeer> peers) {
    return settings(
        new ClusterSettings.Token(Optional.of(Secret.of(token())), Path.of("/none")), peers);
  }

  private ClusterSettings settings(ClusterSettings.Token token, List<NetworkPolicyPeer> peers) {
    return new ClusterSettings(
        Optional.of(RealCluster.server()),
        namespace,
        token,
        RealCluster.ca(),
        true,
        new Standards(Optional.empty(), "10Mi", List.of(), false, peers));
  }

  /** The namespace goes by itself, with all that is in it. */
  @Override
  public void close() {
    admin.rbac().clusterRoleBindings().withName(namespace).delete();
    admin.namespaces().withName(namespace).delete();
    admin.close();
  }
}
