// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.DIALS_IN;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The Role that is documented is enough, and without each of its verbs something fails. */
class RoleTest extends OnARealCluster {

  @Test
  void theRoleIsEnough() throws Exception {
    assertThat(refusals(cluster)).isEmpty();
    assertThat(get(runtimeOf(cluster).describe()).findings())
        .extracting(Finding::severity)
        .containsOnly(Severity.OK);
  }

  @Test
  void withNetworkPoliciesItIsThatAndALittleMore() throws Exception {
    try (var wider = new Tenancy(Tenancy.roleForPolicies(), true);
        var cluster = cluster(wider.settings())) {
      assertThat(refusals(cluster)).isEmpty();
      assertThat(get(runtimeOf(cluster).describe()).findings())
          .extracting(Finding::severity)
          .containsOnly(Severity.OK);
    }
  }

  @Test
  void networkPoliciesAreNotLeftOutWhereTheyCanNotBeMade() throws Exception {
    try (var cluster = cluster(tenancy.settings(Standards.peers(Tenancy.PEERS)))) {
      var name = newName();
      assertFails(
          runtimeOf(cluster).create(spec(name)),
          Code.REFUSED,
          "403 Forbidden",
          "cannot get resource \"networkpolicies\"",
          "harp doctor");
      assertThat(get(runtimeOf(cluster).find(name))).isEmpty();
      assertThat(get(runtimeOf(cluster).describe()).findings())
          .filteredOn(finding -> finding.severity() == Severity.FAILURE)
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.seen())
                    .endsWith(
                        "may not: get networkpolicies, create networkpolicies, patch"
                            + " networkpolicies");
                assertThat(finding.remedy()).contains("resources: [networkpolicies]");
              });
    }
  }

  @Test
  void withoutNodesOnlyTheirPortsCanNotBeUsed() throws Exception {
    try (var narrow = new Tenancy(Tenancy.role(), false);
        var cluster = cluster(narrow.settings())) {
      assertThat(refusals(cluster)).isEmpty();
      assertThat(get(runtimeOf(cluster).describe()).findings())
          .filteredOn(finding -> finding.severity() == Severity.NOTE)
          .singleElement()
          .satisfies(finding -> assertThat(finding.meaning()).contains("kind: ClusterRole"));
    }
  }

  @TestFactory
  List<DynamicTest> eachVerbIsNeeded() {
    var tests = new ArrayList<DynamicTest>();
    for (var rule : Tenancy.roleForPolicies().getRules()) {
      for (var verb : rule.getVerbs()) {
        var resource = rule.getResources().get(0);
        tests.add(
            DynamicTest.dynamicTest(verb + " " + resource, () -> failsWithout(verb, resource)));
      }
    }
    return tests;
  }

  private void failsWithout(String verb, String resource) throws Exception {
    var role = Tenancy.roleForPolicies();
    var rules =
        role.getRules().stream()
            .map(
                rule ->
                    rule.getResources().contains(resource)
                        ? new PolicyRuleBuilder(rule).removeFromVerbs(verb).build()
                        : rule)
            .toList();
    try (var narrow = new Tenancy(new RoleBuilder(role).withRules(rules).build(), true);
        var cluster = cluster(narrow.settings())) {
      assertThat(refusals(cluster, !verb.equals("watch")))
          .anySatisfy(
              message ->
                  assertThat(message)
                      .contains(
                          "403 Forbidden",
                          "cannot " + verb + " resource \"" + resource + "\"",
                          "harp doctor"));
      assertThat(get(runtimeOf(cluster).describe()).findings())
          .anySatisfy(
              finding -> {
                assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
                assertThat(finding.seen()).endsWith("may not: " + verb + " " + resource);
                assertThat(finding.remedy()).contains("kind: Role", "kubectl apply");
              });
    }
  }

  /** Everything that HaRP does with the cluster, and what was refused of it. */
  private static List<String> refusals(KubernetesCluster cluster) {
    return refusals(cluster, true);
  }

  /**
   * @param starting whether it is started before somebody waits for that
   */
  private static List<String> refusals(KubernetesCluster cluster, boolean starting) {
    var name = newName();
    var runtime = runtimeOf(cluster);
    var exApp =
        new ExApp(
            name.id(), "1", new ExAppAddress("10.1.1.1", 1), Secret.of("s"), RouteTable.empty());
    return refused(
        List.of(
            () -> runtime.find(name),
            () -> runtime.create(spec(name, RealCluster.IMAGE, ComputeDevice.CPU, DIALS_IN)),
            () ->
                runtime.installCertificates(
                    name, new CertificateInstallation(Optional.empty(), true)),
            // Its claim is there already, as after an update.
            () -> runtime.remove(name, false),
            () -> runtime.create(spec(name)),
            // A watch is begun only for what is not ready at the first look.
            () -> starting ? runtime.start(name) : Future.succeededFuture(),
            () -> runtime.awaitStart(name),
            () -> runtime.start(name),
            () -> placesOf(cluster).located(exApp),
            () -> runtime.expose(exposure(name, Type.CLUSTERIP)),
            () -> runtime.expose(exposure(name, Type.LOADBALANCER)),
            () -> runtime.stop(name),
            () -> runtime.remove(name, true)));
  }

  private static List<String> refused(List<Supplier<Future<?>>> orders) {
    var messages = new ArrayList<String>();
    for (var order : orders) {
      try {
        get(order.get());
      } catch (HarpException e) {
        if (e.getMessage().contains("403")) {
          messages.add(e.getMessage());
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    return messages;
  }
}
