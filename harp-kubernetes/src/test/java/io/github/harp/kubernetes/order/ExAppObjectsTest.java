// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.InstanceName;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.kubernetes.config.ClusterSettings.HostAlias;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The objects of contract 8.3; what is ours beside them is named here. */
class ExAppObjectsTest {

  private static final Standards PLAIN =
      new Standards(Optional.empty(), "10Gi", List.of(), false, List.of());

  @Test
  void theClaimIsTheContracts() {
    var standards = new Standards(Optional.of("fast"), "10Gi", List.of(), false, List.of());

    assertJson(
        new ExAppObjects(
                spec(new ExAppName(new AppId("demo"), "", "rp", ExAppName.PREFIX)), standards, true)
            .claim(),
        """
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
         "metadata": {"name": "nc-app-demo-data", "labels": {
           "app.kubernetes.io/name": "nc-app-demo", "app.kubernetes.io/part-of": "nc-app-demo",
           "app.kubernetes.io/component": "exapp-data"},
           "annotations": {"appapi.nextcloud.com/volume": "nc_app_demo_data"}},
         "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}},
                  "storageClassName": "fast"}}
        """);
  }

  @Test
  void theStorageClassIsLeftToTheCluster() {
    assertThat(
            json(new ExAppObjects(spec(new ExAppName(new AppId("demo"))), PLAIN, true).claim())
                .getJsonObject("spec")
                .containsKey("storageClassName"))
        .isFalse();
  }

  @Test
  void theDeploymentIsTheContracts() {
    var standards =
        new Standards(
            Optional.empty(),
            "10Gi",
            List.of(new HostAlias("10.0.0.5", List.of("nextcloud.local"))),
            false,
            List.of());
    var spec =
        new ExAppSpec(
            new ExAppName(new AppId("demo"), "", "rp", ExAppName.PREFIX),
            "ghcr.io/acme/demo:1.0",
            ContainerEnvironment.of("APP_ID=demo"),
            ComputeDevice.CPU,
            new ResourceLimits(OptionalLong.of(512L << 20), OptionalLong.of(1_500_000_000)),
            new EngineOptions());

    assertJson(
        new ExAppObjects(spec, standards, true).deployment(),
        """
        {"apiVersion": "apps/v1", "kind": "Deployment",
         "metadata": {"name": "nc-app-demo-rp",
          "annotations": {"appapi.nextcloud.com/app-id": "demo"}, "labels": {
           "app": "nc-app-demo-rp", "app.kubernetes.io/name": "nc-app-demo-rp",
           "app.kubernetes.io/part-of": "nc-app-demo", "app.kubernetes.io/component": "exapp",
           "app.kubernetes.io/role": "rp"}},
         "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "nc-app-demo-rp"}},
          "template": {"metadata": {"labels": {
           "app": "nc-app-demo-rp", "app.kubernetes.io/name": "nc-app-demo-rp",
           "app.kubernetes.io/part-of": "nc-app-demo", "app.kubernetes.io/component": "exapp",
           "app.kubernetes.io/role": "rp"}},
           "spec": {
            "automountServiceAccountToken": false,
            "containers": [{"name": "app", "image": "ghcr.io/acme/demo:1.0",
              "imagePullPolicy": "IfNotPresent",
              "env": [{"name": "APP_ID", "value": "demo"}],
              "resources": {"limits": {"memory": "512Mi", "cpu": "1500m"},
                "requests": {"memory": "512Mi", "cpu": "1500m"}},
              "volumeMounts": [{"name": "data", "mountPath": "/nc_app_demo_data"}]}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "nc-app-demo-data"}}],
            "hostAliases": [{"ip": "10.0.0.5", "hostnames": ["nextcloud.local"]}]}}}}
        """);
  }

  @Test
  void whoDialsInIsReachedByItsTunnelAndMountsWhatItShows() {
    var deployment = json(new ExAppObjects(dialingIn(), PLAIN, true).deployment());

    assertThat(deployment.getJsonObject("metadata").getJsonObject("annotations").getMap())
        .containsEntry("appapi.nextcloud.com/expose-type", "tunnel")
        .containsEntry("appapi.nextcloud.com/upstream-host", "127.0.0.1")
        .containsEntry("appapi.nextcloud.com/upstream-port", "23000");
    var pod = pod(new ExAppObjects(dialingIn(), PLAIN, true));
    assertThat(pod.getJsonArray("volumes"))
        .contains(
            new JsonObject(
                "{\"name\": \"frp\", \"secret\": {\"secretName\": \"nc-app-demo-frp\"}}"));
    assertThat(pod.getJsonArray("containers").getJsonObject(0).getJsonArray("volumeMounts"))
        .contains(
            new JsonObject(
                "{\"name\": \"frp\", \"mountPath\": \"/certs/frp\", \"readOnly\": true}"));
  }

  @Test
  void whereTunnelsNeedNoTlsNothingIsMounted() {
    assertThat(pod(new ExAppObjects(dialingIn(), PLAIN, false)).getJsonArray("volumes")).hasSize(1);
  }

  private static ExAppSpec dialingIn() {
    return new ExAppSpec(
        new ExAppName(new AppId("demo")),
        "x",
        ContainerEnvironment.of("APP_PORT=23000", "HP_FRP_ADDRESS=harp", "HP_SHARED_KEY=t"),
        ComputeDevice.CPU,
        ResourceLimits.NONE,
        new EngineOptions());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "536870913, 513Mi, 1500000001, 1501m",
        "1, 1Mi, 1, 1m",
        "0, -, 0, -",
      })
  void limitsAreRoundedUp(long memory, String mebibytes, long nanoCpus, String milliCpus) {
    var limits = new ResourceLimits(OptionalLong.of(memory), OptionalLong.of(nanoCpus));

    var resources = container(limits, ComputeDevice.CPU).getJsonObject("resources");

    if (mebibytes == null) {
      assertThat(resources).isNull();
    } else {
      var expected = new JsonObject().put("memory", mebibytes).put("cpu", milliCpus);
      assertThat(resources)
          .isEqualTo(new JsonObject().put("limits", expected).put("requests", expected));
    }
  }

  @ParameterizedTest
  @CsvSource({"CUDA, nvidia.com/gpu", "ROCM, amd.com/gpu"})
  void aGpuIsALimitAndNoRequest(ComputeDevice device, String resource) {
    assertThat(container(ResourceLimits.NONE, device).getJsonObject("resources"))
        .isEqualTo(new JsonObject().put("limits", new JsonObject().put(resource, "1")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A=b=c|A|b=c",
        "A|A|''",
        "A=|A|''",
        "A=100 $|A|100 $",
        "A=a$x|A|a$x",
        "A=$(B)|A|$$(B)",
        "A=$$(B)$|A|$$$$(B)$$",
        "A=p$$w|A|p$$$$w",
      })
  void valuesReachTheContainerAsTheyAre(String entry, String name, String value) {
    assertThat(env(ContainerEnvironment.of(entry)))
        .isEqualTo(List.of(new JsonObject().put("name", name).put("value", value)));
  }

  @Test
  void ofSeveralValuesOfOneNameTheLastCounts() {
    assertThat(env(ContainerEnvironment.of("A=1", "B=2", "A=3")))
        .isEqualTo(
            List.of(
                new JsonObject().put("name", "A").put("value", "3"),
                new JsonObject().put("name", "B").put("value", "2")));
  }

  @Test
  void whatIsRestrictedFulfilsThePodSecurityStandard() {
    var standards = new Standards(Optional.empty(), "10Gi", List.of(), true, List.of());

    var pod = pod(new ExAppObjects(spec(new ExAppName(new AppId("demo"))), standards, true));

    assertThat(pod.getJsonObject("securityContext"))
        .isEqualTo(
            new JsonObject(
                """
                {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
                 "fsGroup": 10001, "fsGroupChangePolicy": "OnRootMismatch"}
                """));
    assertThat(pod.getJsonArray("containers").getJsonObject(0).getJsonObject("securityContext"))
        .isEqualTo(
            new JsonObject(
                "{\"allowPrivilegeEscalation\": false, \"capabilities\": {\"drop\": [\"ALL\"]}}"));
  }

  @Test
  void theInstanceIsALabel() {
    var labels =
        json(new ExAppObjects(
                    spec(new ExAppName(new AppId("a"), "I.1", "", ExAppName.PREFIX)), PLAIN, true)
                .deployment())
            .getJsonObject("metadata")
            .getJsonObject("labels");
    var oddLabels =
        json(new ExAppObjects(
                    spec(new ExAppName(new AppId("a"), "I.", "", ExAppName.PREFIX)), PLAIN, true)
                .claim())
            .getJsonObject("metadata")
            .getJsonObject("labels");

    assertThat(labels.getString("app.kubernetes.io/instance")).isEqualTo("I.1");
    assertThat(labels.getString("app.kubernetes.io/part-of")).isEqualTo("nc-app-i-1-a");
    assertThat(oddLabels.getString("app.kubernetes.io/instance")).isEqualTo("i");
  }

  @Test
  void theVolumeOfAFurtherNextcloudIsWhereItTellsTheExAppThatItIs() {
    var acmes = new ExAppName(new AppId("demo")).beginning(new InstanceName("acme").containers());

    var pod = pod(new ExAppObjects(spec(acmes), PLAIN, true));

    assertThat(pod.getJsonArray("containers").getJsonObject(0).getJsonArray("volumeMounts"))
        .containsExactly(
            new JsonObject("{\"name\": \"data\", \"mountPath\": \"/nc_app_demo_data\"}"));
    assertThat(pod.getJsonArray("volumes").encode()).contains("nc-acme-app-demo-data");
  }

  private static List<?> env(ContainerEnvironment environment) {
    var spec =
        new ExAppSpec(
            new ExAppName(new AppId("demo")),
            "x",
            environment,
            ComputeDevice.CPU,
            ResourceLimits.NONE,
            new EngineOptions());
    return pod(new ExAppObjects(spec, PLAIN, true))
        .getJsonArray("containers")
        .getJsonObject(0)
        .getJsonArray("env")
        .stream()
        .toList();
  }

  private static JsonObject container(ResourceLimits limits, ComputeDevice device) {
    var spec =
        new ExAppSpec(
            new ExAppName(new AppId("demo")),
            "x",
            ContainerEnvironment.of(),
            device,
            limits,
            new EngineOptions());
    return pod(new ExAppObjects(spec, PLAIN, true)).getJsonArray("containers").getJsonObject(0);
  }

  private static JsonObject pod(ExAppObjects objects) {
    return json(objects.deployment())
        .getJsonObject("spec")
        .getJsonObject("template")
        .getJsonObject("spec");
  }

  private static ExAppSpec spec(ExAppName name) {
    return new ExAppSpec(
        name,
        "x",
        ContainerEnvironment.of(),
        ComputeDevice.CPU,
        ResourceLimits.NONE,
        new EngineOptions());
  }

  private static void assertJson(Object object, String expected) {
    assertThat(json(object)).isEqualTo(new JsonObject(expected));
  }

  private static JsonObject json(Object object) {
    return new JsonObject(Serialization.asJson(object));
  }
}
