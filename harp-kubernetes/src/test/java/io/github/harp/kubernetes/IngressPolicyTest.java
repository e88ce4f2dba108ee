// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.DIALS_IN;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Who may connect to ExApps. The cluster of the tests takes the rules and has no network plug-in
 * that keeps them.
 */
class IngressPolicyTest extends OnARealCluster {

  private final ExAppName name = newName();

  @Override
  Role role() {
    return Tenancy.roleForPolicies();
  }

  @Test
  void onlyTheOneThatIsNamedAndItselfMayConnectToAnExApp() throws Exception {
    get(runtime().create(spec(name)));

    var nc = "nc-app-" + name.id();
    assertThat(new JsonObject(Serialization.asJson(policy(name).getSpec())))
        .isEqualTo(
            new JsonObject()
                .put("podSelector", labels(Markings.APP, nc))
                .put("policyTypes", new JsonArray(List.of("Ingress")))
                .put("ingress", from(itself().addAll(new JsonArray(Tenancy.PEERS)))));
    assertThat(policy(name).getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/managed-by", "harp")
        .containsEntry(Markings.PART_OF, nc);

    get(runtime().start(name));
    assertThat(get(runtime().awaitStart(name)).started()).isTrue();
  }

  @Test
  void eachRoleHasOneThatTheOthersMayPass() throws Exception {
    var web = new ExAppName(name.id(), "", "web", ExAppName.PREFIX);
    var worker = new ExAppName(name.id(), "", "worker", ExAppName.PREFIX);
    get(runtime().create(spec(web)));
    get(runtime().create(spec(worker)));

    for (var role : List.of(web, worker)) {
      var spec = new JsonObject(Serialization.asJson(policy(role).getSpec()));
      assertThat(spec.getJsonObject("podSelector"))
          .isEqualTo(labels(Markings.APP, new Markings(role).deployment()));
      assertThat(spec.getJsonArray("ingress").getJsonObject(0).getJsonArray("from"))
          .contains(itself().getJsonObject(0));
    }
    get(runtime().remove(web, false));
    await().atMost(Duration.ofSeconds(60)).until(() -> policy(web) == null);
    assertThat(policy(worker)).isNotNull();
  }

  @Test
  void nobodyMayConnectToOneThatDialsIn() throws Exception {
    get(runtime().create(dialingIn()));

    assertThat(ingress(policy(name))).isEqualTo(from(itself()));
  }

  @Test
  void itGoesWithTheExAppAndComesWithTheNext() throws Exception {
    get(runtime().create(spec(name)));
    var first = policy(name);
    get(runtime().remove(name, false));
    get(runtime().create(spec(name)));
    var owner = policy(name).getMetadata().getOwnerReferences();
    assertThat(owner).hasSize(1).isNotEqualTo(first.getMetadata().getOwnerReferences());

    get(runtime().remove(name, true));
    await().atMost(Duration.ofSeconds(60)).until(() -> policy(name) == null);
  }

  @Test
  void aStartWritesItWhereItIsMissingOrSaysOtherwise() throws Exception {
    try (var before = cluster(tenancy.settings(List.of()))) {
      get(runtimeOf(before).create(spec(name)));
      assertThat(policy(name)).as("nobody asked for one").isNull();
      get(runtimeOf(before).start(name));
    }

    assertThat(get(runtime().start(name))).as("it runs already").isFalse();
    var written = ingress(policy(name));
    assertThat(written.encode()).contains("10.98.0.0/24");

    kubectl(
        "patch",
        "networkpolicy",
        new Markings(name).deployment(),
        "--type=merge",
        "-p={\"spec\": {\"ingress\": [{}]}}");
    get(runtime().start(name));
    assertThat(ingress(policy(name))).isEqualTo(written);

    try (var later =
        cluster(
            tenancy.settings(Standards.peers("[{\"ipBlock\": {\"cidr\": \"10.0.0.9/32\"}}]")))) {
      get(runtimeOf(later).start(name));
      assertThat(ingress(policy(name)).encode()).contains("10.0.0.9/32").doesNotContain("10.98");
    }
  }

  @Test
  void somebodyElsesIsNamedAndStaysAsItIs() throws Exception {
    get(runtime().create(dialingIn()));
    kubectl("delete", "networkpolicy", new Markings(name).deployment());
    var other = newName();
    for (var exApp : List.of(name, other)) {
      RealCluster.apply(
          tenancy.namespace(),
          """
          apiVersion: networking.k8s.io/v1
          kind: NetworkPolicy
          metadata: {name: %s}
          spec: {podSelector: {}, policyTypes: [Ingress]}
          """
              .formatted(new Markings(exApp).deployment()));
    }
    var before = policy(name);

    assertFails(runtime().start(name), Code.CONFLICT, "network policy nc-app-", "somebody else's");
    assertFails(
        runtime().create(spec(other)), Code.CONFLICT, "network policy nc-app-", "somebody else's");

    assertThat(get(runtime().find(other))).as("what it began is undone").isEmpty();
    get(runtime().remove(name, true));
    assertThat(policy(name)).isEqualTo(before);
  }

  @Test
  void aMisspeltPeerIsRefusedAndOpensNothing() throws Exception {
    var misspelt =
        "[{\"namespaceSelector\": {\"matchLabel\": {\"kubernetes.io/metadata.name\":"
            + " \"nextcloud\"}}}]";
    try (var cluster = cluster(tenancy.settings(Standards.peers(misspelt)))) {
      assertFails(runtimeOf(cluster).create(spec(name)), Code.REFUSED, "cluster, ", "matchLabel");
    }
    assertThat(policy(name)).isNull();
    assertThat(get(runtime().find(name))).isEmpty();
  }

  @Test
  void aQuotaOfNothingLeavesNoExAppWithoutOne() throws Exception {
    nothingMoreOf("networkpolicies.networking.k8s.io");
    assertFails(runtime().create(spec(name)), Code.REFUSED, "403 Forbidden", "exceeded quota: q");
    assertThat(get(runtime().find(name))).isEmpty();
  }

  private ExAppSpec dialingIn() {
    return spec(name, RealCluster.IMAGE, ComputeDevice.CPU, DIALS_IN);
  }

  private static JsonArray ingress(NetworkPolicy policy) {
    return new JsonObject(Serialization.asJson(policy.getSpec())).getJsonArray("ingress");
  }

  private static JsonArray from(JsonArray peers) {
    return new JsonArray().add(new JsonObject().put("from", peers));
  }

  private JsonArray itself() {
    return new JsonArray()
        .add(
            new JsonObject()
                .put("podSelector", labels(Markings.PART_OF, new Markings(name).group())));
  }

  private static JsonObject labels(String label, String value) {
    return new JsonObject().put("matchLabels", new JsonObject().put(label, value));
  }

  private @Nullable NetworkPolicy policy(ExAppName exApp) {
    return tenancy
        .admin()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(tenancy.namespace())
        .withName(new Markings(exApp).deployment())
        .get();
  }

  private void kubectl(String... arguments) {
    var command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("-n", tenancy.namespace()));
    RealCluster.kubectl(command.toArray(String[]::new));
  }
}
