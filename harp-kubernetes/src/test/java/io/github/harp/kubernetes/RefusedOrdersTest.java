// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Orders that the cluster does not allow, and what the refusal names. */
class RefusedOrdersTest extends InAHostileState {

  @Test
  void withATokenThatWasRevokedEachOrderIsRefused() {
    tenancy.admin().serviceAccounts().inNamespace(tenancy.namespace()).withName("harp").delete();

    // The API server believes a token that it has judged for some seconds more.
    for (var order : Order.values()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertFails(
                      order.give(runtime(), newName()),
                      Code.REFUSED,
                      "401 Unauthorized",
                      "the token is not accepted"));
    }
  }

  @Test
  void withoutItsNamespaceEachOrderIsRefused() throws Exception {
    var namespace = tenancy.namespace();
    try (var elsewhere = new Tenancy(role(), true);
        var cluster = cluster(inNamespace(namespace, elsewhere.settings()))) {
      RealCluster.kubectl(
          "create",
          "rolebinding",
          "elsewhere",
          "--role=harp",
          "--serviceaccount=" + elsewhere.namespace() + ":harp",
          "-n",
          namespace);
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> get(runtimeOf(cluster).find(name)).isEmpty());
      RealCluster.kubectl("delete", "namespace", namespace);

      for (var order : Order.values()) {
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertFails(
                        order.give(runtimeOf(cluster), newName()),
                        Code.REFUSED,
                        "403 Forbidden",
                        namespace,
                        "harp doctor"));
      }
    }
  }

  private static ClusterSettings inNamespace(String namespace, ClusterSettings plain) {
    return new ClusterSettings(
        plain.apiServer(), namespace, plain.token(), plain.caFile(), true, plain.standards());
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"EXISTS", "WAIT_FOR_START"})
  void aWebhookThatDoesNotAnswerIsNamed(Order order) throws Exception {
    order.prepare(runtime(), name);
    var hook = tenancy.namespace();
    RealCluster.apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: %1$s}
        webhooks:
          - name: judge.harp.test
            clientConfig: {url: "https://127.0.0.1:1/"}
            rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: [deployments, services, secrets, persistentvolumeclaims, networkpolicies]}]
            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
            failurePolicy: Fail
            sideEffects: None
            timeoutSeconds: 2
            admissionReviewVersions: [v1]
        """
            .formatted(hook));
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertFails(
                      order.give(runtime(), order == Order.CREATE ? newName() : name),
                      Code.REFUSED,
                      "cluster, ",
                      "failed calling webhook \"judge.harp.test\""));
    } finally {
      RealCluster.kubectl("delete", "validatingwebhookconfiguration", hook);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(() -> get(order.give(runtime(), name)));
  }

  @ParameterizedTest
  @EnumSource(names = {"CREATE", "EXPOSE"})
  void aQuotaOfNothingIsToldAndLeavesNothing(Order order) throws Exception {
    order.prepare(runtime(), name);
    var what = order == Order.CREATE ? "persistentvolumeclaims" : "services";
    nothingMoreOf(what);
    assertFails(order.give(runtime(), name), Code.REFUSED, "403 Forbidden", "exceeded quota: q");
    assertThat(RealCluster.kubectl("get", what, "-o", "name", "-n", tenancy.namespace())).isBlank();
  }

  @Test
  void aServiceThatStaysForAWhileIsNotTakenForTheNextOne() throws Exception {
    get(runtime().create(spec(name)));
    get(runtime().expose(exposure(name, Type.CLUSTERIP)));
    // As a provider does, until it has taken its balancer away.
    var service = new Markings(name).deployment();
    finalizers(service, "[\"harp.test/balancer\"]");
    get(runtime().remove(name, false));
    get(runtime().create(spec(name)));

    assertFails(
        runtime().expose(exposure(name, Type.CLUSTERIP)),
        Code.BUSY,
        service + " is still being deleted",
        "try again");
    finalizers(service, "[]");
    var address = get(runtime().expose(exposure(name, Type.CLUSTERIP)));
    assertThat(
            RealCluster.kubectl(
                "get",
                "service",
                service,
                "-n",
                tenancy.namespace(),
                "-o",
                "jsonpath={.spec.clusterIP} {.metadata.deletionTimestamp}"))
        .isEqualTo(address.host() + " ");
  }

  private void finalizers(String service, String finalizers) {
    RealCluster.kubectl(
        "patch",
        "service",
        service,
        "-n",
        tenancy.namespace(),
        "--type=merge",
        "-p={\"metadata\": {\"finalizers\": " + finalizers + "}}");
  }
}
