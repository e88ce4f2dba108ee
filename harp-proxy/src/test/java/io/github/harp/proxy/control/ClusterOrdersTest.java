// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.proxy.control.ControlFixture.assertAnswer;
import static io.github.harp.proxy.control.ControlFixture.assertNoContent;
import static io.github.harp.proxy.control.ControlFixture.assertText;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.core.testing.TestExApp;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same orders, where there is a cluster. */
class ClusterOrdersTest {

  private static final String NAME = "{\"name\": \"demo\"}";
  private static final ExApp DEMO = TestExApp.at("127.0.0.1", 23000, "demo", "s");

  private static final String METADATA =
      """
      {"exapp_token": "s", "exapp_version": "1.0.0", "host": "127.0.0.1", "port": 23000,
       "routes": []}
      """;

  private final ControlFixture control = new ControlFixture();

  @BeforeEach
  void setUpACluster() {
    control.withCluster = true;
  }

  @Test
  void theInfoTellsOfIt() {
    assertAnswer(
        control.send("GET", "/info"),
        200,
        """
        {"version": "0.4.4", "docker": true,
         "kubernetes": {"enabled": true, "api_server": "https://10.96.0.1:443", "reachable": false},
         "implementation": {"name": "HaRP for the JVM", "version": "0.1.0"}}
        """);
  }

  @Test
  void existenceIsAllThatIsSaid() {
    control.runtimeSays = Future.succeededFuture(Optional.of(new Deployed("", "nc-app-demo", "")));
    assertAnswer(control.post("/k8s/exapp/exists", NAME), 200, "{\"exists\": true}");

    control.runtimeSays = Future.succeededFuture(Optional.empty());
    assertAnswer(control.post("/k8s/exapp/exists", NAME), 200, "{\"exists\": false}");
  }

  @Test
  void whatOnlyAnEngineCanGiveIsLeftOut() {
    control.runtimeSays = Future.succeededFuture(new Deployed("", "nc-app-demo", ""));

    assertAnswer(
        control.post(
            "/k8s/exapp/create",
            """
            {"name": "demo", "image": "acme/demo:1", "network_mode": "container:x",
             "restart_policy": "always", "compute_device": "cuda",
             "environment_variables": ["APP_ID=demo", "APP_PORT=23004", "HP_SHARED_KEY=key"],
             "mount_points": [{"source": "/", "target": "/host"}],
             "resource_limits": {"memory": "1Gi", "nanoCPUs": 0, "cpu": "1500m"}}
            """),
        201,
        "{\"name\": \"nc-app-demo\"}");
    assertThat(control.orders)
        .containsExactly(
            new ExAppSpec(
                new ExAppName(new AppId("demo")),
                "acme/demo:1",
                ContainerEnvironment.of(
                    "APP_ID=demo", "APP_PORT=23004", "HP_SHARED_KEY=harp1.demo.23004.mac"),
                ComputeDevice.CUDA,
                new ResourceLimits(OptionalLong.of(1L << 30), OptionalLong.of(1_500_000_000)),
                new EngineOptions()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "{\"memory\": 5, \"nanoCPUs\": 7}|5|7",
        "{\"memory\": \"\", \"cpu\": \"\"}|-|-",
        "{\"nanoCPUs\": 7, \"cpu\": \"2\"}|-|7",
        "{\"cpu\": \"2\"}|-|2000000000",
      })
  void limitsAreIntegersOrAmounts(String limits, Long memory, Long cpus) {
    control.runtimeSays = Future.succeededFuture(new Deployed("", "nc-app-demo", ""));

    control.post("/k8s/exapp/create", create(limits));

    assertThat(((ExAppSpec) control.orders.get(0)).limits())
        .isEqualTo(new ResourceLimits(optional(memory), optional(cpus)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"memory\": \"much\"}", "{\"cpu\": \"-1\"}", "{\"memory\": -1}"})
  void otherLimitsAreRefused(String limits) {
    assertText(
        control.post("/k8s/exapp/create", create(limits)),
        400,
        "Payload validation error: resource_limits.");
    assertThat(control.orders).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"start, true", "start, false", "stop, true", "stop, false"})
  void aChangeIsNeverSaidToHaveBeenSoAlready(String order, boolean changed) {
    control.runtimeSays = Future.succeededFuture(changed);

    assertNoContent(control.post("/k8s/exapp/" + order, NAME));
    assertThat(control.orders).containsExactly(order + " nc_app_demo");
  }

  @Test
  void aStartIsToldWithAllThatIsKnown() {
    control.runtimeSays =
        Future.succeededFuture(
            new StartOutcome(false, "Pending", "image_error", "ErrImagePull", "no such image"));

    assertAnswer(
        control.post("/k8s/exapp/wait_for_start", NAME),
        200,
        """
        {"started": false, "status": "Pending", "health": "image_error",
         "reason": "ErrImagePull", "message": "no such image"}
        """);
  }

  @Test
  void certificatesAreTheClustersAffair() {
    assertNoContent(control.post("/k8s/exapp/install_certificates", NAME));
    assertThat(control.orders).isEmpty();
  }

  @Test
  void anExposureIsOrderedToTheLastMember() {
    control.nextcloudSays = Future.succeededFuture(Optional.of(DEMO));
    control.runtimeSays = Future.succeededFuture(new ExAppAddress("10.9.8.7", 30080));

    assertAnswer(
        control.post(
            "/k8s/exapp/expose",
            """
            {"name": "Demo", "port": 23000, "expose_type": "nodeport", "service_port": 80,
             "node_port": 30080, "external_traffic_policy": "Local", "load_balancer_ip": "10.0.0.9",
             "service_annotations": {"a": "b"}, "service_labels": {"c": "d"},
             "wait_timeout_seconds": 5, "wait_interval_seconds": 0.5,
             "node_address_type": "ExternalIP", "node_name": "n", "node_label_selector": "l=1"}
            """),
        200,
        """
        {"appId": "demo", "host": "10.9.8.7", "port": 30080, "exposeType": "nodeport",
         "serviceName": "nc-app-demo", "namespace": "nextcloud-exapps"}
        """);
    assertThat(control.orders)
        .containsExactly(
            new Exposure(
                new ExAppName(new AppId("Demo")),
                Exposure.Type.NODEPORT,
                23000,
                Optional.empty(),
                OptionalInt.empty(),
                new Exposure.Service(
                    OptionalInt.of(80),
                    OptionalInt.of(30080),
                    Optional.of("Local"),
                    Optional.of("10.0.0.9"),
                    Map.of("a", "b"),
                    Map.of("c", "d")),
                new Exposure.Node("ExternalIP", Optional.of("n"), Optional.of("l=1")),
                Duration.ofSeconds(5),
                Duration.ofMillis(500)),
            "exapp-meta demo");
    assertThat(control.records.get(new AppId("demo")).address().host()).isEqualTo("10.9.8.7");
    assertThat(control.records.get(new AppId("demo")).address().port()).isEqualTo(30080);
  }

  @Test
  void aManualExposureIsToldToTheClusterWhateverItSays() {
    control.nextcloudSays = Future.succeededFuture(Optional.of(DEMO));
    control.runtimeSays =
        Future.failedFuture(new HarpException(HarpException.Code.REFUSED, "no deployment"));

    var answer =
        control.post(
            "/k8s/exapp/expose",
            """
            {"name": "demo", "port": 23000, "expose_type": "manual", "upstream_host": "far.example"}
            """);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(control.orders).hasSize(2).first().isInstanceOf(Exposure.class);
    assertThat(control.records.get(new AppId("demo")).address().host()).isEqualTo("far.example");
  }

  @Test
  void anExposureThatFailsChangesNoRecord() {
    control.nextcloudSays = Future.succeededFuture(Optional.of(DEMO));
    control.runtimeSays =
        Future.failedFuture(new HarpException(HarpException.Code.UNAVAILABLE, "no address yet"));

    assertText(
        control.post("/k8s/exapp/expose", "{\"name\": \"demo\", \"port\": 1}"),
        503,
        "no address yet");
    assertThat(control.records).isEmpty();
  }

  @Test
  void whatAppApiEnablesIsKeptWhereTheClusterSays() {
    control.clusterSays = Future.succeededFuture(new ExAppAddress("10.96.0.9", 23000));

    assertNoContent(control.post("/exapp_storage/demo", METADATA));

    assertThat(control.records.get(DEMO.id()).address())
        .isEqualTo(new ExAppAddress("10.96.0.9", 23000));
  }

  @Test
  void whileTheClusterCanNotBeAskedNothingIsKept() {
    control.clusterSays =
        Future.failedFuture(new HarpException(HarpException.Code.UNREACHABLE, "no API server"));

    assertText(control.post("/exapp_storage/demo", METADATA), 503, "no API server");
    assertThat(control.records).isEmpty();
  }

  private static String create(String limits) {
    return "{\"name\": \"demo\", \"image\": \"x\", \"resource_limits\": " + limits + "}";
  }

  private static OptionalLong optional(Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
