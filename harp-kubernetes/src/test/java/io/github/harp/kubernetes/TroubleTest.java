// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.config.ClusterSettings.Token;
import io.github.harp.kubernetes.testing.RealCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a real cluster can have against an ExApp, and how that is told. */
class TroubleTest extends OnARealCluster {

  private final ExAppName name = newName();

  @Test
  void aQuotaIsToldInTheClustersWords() throws Exception {
    quota("pods", "0");

    var outcome = started(spec(name));

    assertThat(outcome.status()).isEqualTo("Pending");
    assertThat(outcome.health()).isEqualTo("timeout");
    assertThat(outcome.reason()).isEqualTo("FailedCreate");
    assertThat(outcome.message()).contains("exceeded quota: q", "limited: pods=0");
    assertFoundByDoctor("FailedCreate", "exceeded quota: q");
  }

  @Test
  void aQuotaOnWhatIsOrderedFailsTheOrderAndLeavesNothing() throws Exception {
    quota("count/deployments.apps", "0");

    assertFails(runtime().create(spec(name)), Code.REFUSED, "403 Forbidden", "exceeded quota: q");

    await()
        .untilAsserted(
            () ->
                assertThat(
                        tenancy
                            .admin()
                            .persistentVolumeClaims()
                            .inNamespace(tenancy.namespace())
                            .list()
                            .getItems())
                    .isEmpty());
  }

  @Test
  void aGpuThatNoNodeHasIsTold() throws Exception {
    var outcome = started(spec(name, RealCluster.IMAGE, ComputeDevice.CUDA));

    assertThat(outcome.reason()).isEqualTo("Unschedulable");
    assertThat(outcome.message()).contains("Insufficient nvidia.com/gpu");
    assertFoundByDoctor("Unschedulable", "Insufficient nvidia.com/gpu");
  }

  @Test
  void aTaintThatNothingToleratesIsTold() throws Exception {
    var node = tenancy.admin().nodes().withName("node1");
    node.edit(
        it ->
            new NodeBuilder(it)
                .editSpec()
                .addNewTaint("NoSchedule", "harp.test/only", null, "others")
                .endSpec()
                .build());
    try {
      assertThat(started(spec(name)).message()).contains("untolerated taint");
      assertFoundByDoctor("Unschedulable", "untolerated taint");
    } finally {
      node.edit(
          it -> {
            it.getSpec().getTaints().removeIf(taint -> taint.getKey().equals("harp.test/only"));
            return it;
          });
    }
  }

  @Test
  void anImageThatIsNowhereIsToldAtOnce() throws Exception {
    var outcome = started(spec(name, "harp.invalid/none:1", ComputeDevice.CPU));

    assertThat(outcome.started()).isFalse();
    assertThat(outcome.health()).isEqualTo("image_error");
    assertThat(outcome.reason()).isIn("ErrImagePull", "ImagePullBackOff");
    assertThat(outcome.message()).contains("harp.invalid/none:1");
    assertFoundByDoctor("harp.invalid/none:1");
  }

  @Test
  void aProgramThatEndsIsToldWithItsExitCode() throws Exception {
    get(runtime().create(spec(name, RealCluster.IMAGE, ComputeDevice.CPU, "APP_ENDS=3")));
    get(runtime().start(name));

    // For a moment it may seem to be ready; between its tries the cluster waits for longer and
    // longer.
    var outcome =
        await()
            .atMost(Duration.ofSeconds(90))
            .until(() -> get(runtime().awaitStart(name)), it -> !it.started());

    assertThat(outcome.health()).isEqualTo("timeout");
    assertThat(outcome.reason()).isIn("CrashLoopBackOff", "Error");
    assertThat(outcome.message()).contains("exit code 3");
  }

  @Test
  void aVolumeThatNobodyMakesIsTold() throws Exception {
    var plain = tenancy.settings();
    var settings =
        new ClusterSettings(
            plain.apiServer(),
            plain.namespace(),
            plain.token(),
            plain.caFile(),
            true,
            new Standards(Optional.of("none-such"), "10Mi", List.of(), false, List.of()));
    try (var without = cluster(settings)) {
      get(runtimeOf(without).create(spec(name)));
      get(runtimeOf(without).start(name));

      assertThat(get(runtimeOf(without).awaitStart(name)).message())
          .contains("PersistentVolumeClaim");
      assertFoundByDoctor("PersistentVolumeClaim");
      get(runtimeOf(without).remove(name, true));
    }
  }

  @Test
  void whatIsRestrictedMustNotRunAsRootAndSaysSo() throws Exception {
    var plain = tenancy.settings();
    var settings =
        new ClusterSettings(
            plain.apiServer(),
            plain.namespace(),
            plain.token(),
            plain.caFile(),
            true,
            new Standards(Optional.empty(), "10Mi", List.of(), true, List.of()));
    RealCluster.kubectl(
        "label", "namespace", tenancy.namespace(), "pod-security.kubernetes.io/enforce=restricted");
    try (var restricted = cluster(settings)) {
      get(runtimeOf(restricted).create(spec(name)));
      get(runtimeOf(restricted).start(name));

      var outcome = get(runtimeOf(restricted).awaitStart(name));

      assertThat(outcome.reason()).isEqualTo("CreateContainerConfigError");
      assertThat(outcome.message()).contains("image will run as root");
    }
  }

  @Test
  void withoutANamespaceTheDoctorSaysHowToMakeOne() throws Exception {
    var plain = tenancy.settings();
    var settings =
        new ClusterSettings(
            plain.apiServer(), "none-such", plain.token(), plain.caFile(), true, plain.standards());
    try (var lost = cluster(settings)) {
      assertFails(runtimeOf(lost).create(spec(name)), Code.REFUSED, "403 Forbidden", "none-such");
      assertThat(get(runtimeOf(lost).describe()).findings())
          .anySatisfy(
              finding -> {
                assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
                assertThat(finding.remedy()).contains("kubectl create namespace none-such");
              });
    }
  }

  @Test
  void aNamespaceThatIsBeingDeletedTakesNothingNew() {
    tenancy.admin().namespaces().withName(tenancy.namespace()).delete();

    assertFails(runtime().create(spec(name)), Code.REFUSED, "cluster, create");
  }

  @Test
  void aTokenThatIsNoLongerAcceptedIsTold() {
    tenancy.admin().serviceAccounts().inNamespace(tenancy.namespace()).withName("harp").delete();

    // The API server believes a token that it has judged for some seconds more.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertFails(
                    runtime().find(name), Code.REFUSED, "401 Unauthorized", "not accepted"));
  }

  @Test
  void aWrongTokenAndAnUnknownAuthorityAreTold() {
    var plain = tenancy.settings();
    try (var wrong =
        cluster(tenancy.settings(new Token(Optional.of(Secret.of("wrong")), Path.of("/none"))))) {
      assertFails(runtimeOf(wrong).find(name), Code.REFUSED, "401 Unauthorized");
    }
    try (var untrusting =
        cluster(
            new ClusterSettings(
                plain.apiServer(),
                plain.namespace(),
                plain.token(),
                Path.of("/none"),
                true,
                plain.standards()))) {
      assertFails(runtimeOf(untrusting).find(name), Code.UNREACHABLE, "certif");
    }
  }

  @Test
  void whoDoesNotVerifyIsConnectedAllTheSame() throws Exception {
    var plain = tenancy.settings();
    try (var careless =
        cluster(
            new ClusterSettings(
                plain.apiServer(),
                plain.namespace(),
                plain.token(),
                Path.of("/none"),
                false,
                plain.standards()))) {
      assertThat(get(runtimeOf(careless).find(name))).isEmpty();
      assertThat(get(placesOf(careless).cluster()).orElseThrow().reachable()).isTrue();
    }
  }

  @Test
  void anAdmissionRuleThatRefusesIsToldInItsWords() {
    var rule = tenancy.namespace();
    RealCluster.apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: %1$s}
        spec:
          failurePolicy: Fail
          matchConstraints:
            resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
          validations: [{expression: "false", message: "no ExApps on Saturdays"}]
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: %1$s}
        spec:
          policyName: %1$s
          validationActions: [Deny]
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}}
        """
            .formatted(rule));
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertFails(
                      runtime().create(spec(newName())), Code.REFUSED, "no ExApps on Saturdays"));
    } finally {
      RealCluster.kubectl(
          "delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", rule);
    }
  }

  @Test
  void aStartIsSeenThoughTheApiServerStartsAgain() throws Exception {
    get(runtime().create(spec(name)));
    try (var patient = patient(tenancy.settings())) {
      var waiting = runtimeOf(patient).awaitStart(name);
      RealCluster.kill("apiserver");
      assertFails(runtime().find(name), Code.UNREACHABLE, "cluster, find");
      assertThat(get(placesOf(cluster).cluster()).orElseThrow().reachable()).isFalse();

      RealCluster.start("apiserver");
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(get(runtime().start(name))).isTrue());

      assertThat(get(waiting).started()).isTrue();
    }
  }

  @Test
  void anOrderThatTheApiServerLeavesInTheMiddleEndsInTime() throws Exception {
    RealCluster.pause("apiserver");
    try {
      assertFails(runtime().find(name), Code.TIMED_OUT, "did not answer in time");
    } finally {
      RealCluster.resume("apiserver");
    }
    get(runtime().find(name));
  }

  @Test
  void dataThatAPodStillUsesIsWaitedForBeforeItIsMadeAnew() throws Exception {
    assertThat(started(spec(name)).started()).isTrue();
    var other = new ExAppName(name.id(), "", "worker", ExAppName.PREFIX);
    get(runtime().create(spec(other)));
    get(runtime().start(other));
    assertThat(get(runtime().awaitStart(other)).started()).isTrue();

    get(runtime().remove(name, true));
    var again = runtime().create(spec(name));
    assertThat(claim().getMetadata().getDeletionTimestamp()).isNotNull();
    tenancy
        .admin()
        .apps()
        .deployments()
        .inNamespace(tenancy.namespace())
        .withName(new Markings(other).deployment())
        .delete();

    get(again);
    assertThat(claim().getMetadata().getDeletionTimestamp()).isNull();
  }

  @Test
  void twoNamesThatBecomeOneDoNotShareTheirData() throws Exception {
    get(runtime().create(spec(new ExAppName(new AppId("a.b")))));

    assertFails(
        runtime().create(spec(new ExAppName(new AppId("a_b")))),
        Code.CONFLICT,
        "nc-app-a-b-data belongs to nc_app_a.b_data");
  }

  private PersistentVolumeClaim claim() {
    return tenancy
        .admin()
        .persistentVolumeClaims()
        .inNamespace(tenancy.namespace())
        .withName(new Markings(name).claim())
        .get();
  }

  private StartOutcome started(ExAppSpec spec) throws Exception {
    get(runtime().create(spec));
    get(runtime().start(spec.name()));
    return get(runtime().awaitStart(spec.name()));
  }

  private void quota(String resource, String amount) {
    tenancy
        .admin()
        .resourceQuotas()
        .inNamespace(tenancy.namespace())
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("q")
                .endMetadata()
                .withNewSpec()
                .addToHard(resource, new Quantity(amount))
                .endSpec()
                .build())
        .create();
    await()
        .until(
            () ->
                tenancy
                    .admin()
                    .resourceQuotas()
                    .inNamespace(tenancy.namespace())
                    .withName("q")
                    .get()
                    .getStatus()
                    .getUsed()
                    .containsKey(resource));
  }

  private void assertFoundByDoctor(String... says) throws Exception {
    assertThat(get(runtimeOf(cluster).describe()).findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.WARNING);
              assertThat(finding.seen()).contains(new Markings(name).deployment()).contains(says);
            });
  }
}
