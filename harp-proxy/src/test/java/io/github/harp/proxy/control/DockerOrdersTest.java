// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.proxy.control.ControlFixture.assertAnswer;
import static io.github.harp.proxy.control.ControlFixture.assertNoContent;
import static io.github.harp.proxy.control.ControlFixture.assertText;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.Mount;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerOrdersTest {

  private static final String NAME = "{\"name\": \"demo\", \"instance_id\": \"\"}";
  private static final Deployed DEPLOYED = new Deployed("abc123", "nc_app_demo", "acme/demo:1");

  private final ControlFixture control = new ControlFixture();

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0", "65536", "-1", "24000.0", "24 000", "+24000", "999999"})
  void theEnginesNumberIsAPort(String port) {
    var head = TestHead.of("POST", "/docker/exapp/exists").with("docker-engine-port", port);

    assertText(control.send(head, NAME), 400, "docker-engine-port", "from 1 to 65535");
  }

  @Test
  void theEnginesNumberHasToBeThere() {
    var head = TestHead.of("POST", "/docker/exapp/exists");

    assertText(control.send(head, NAME), 400, "docker-engine-port: missing");
  }

  @Test
  void anEngineThatIsNotConnectedIs503() {
    var head = TestHead.of("POST", "/docker/exapp/exists").with("docker-engine-port", "24001");

    assertText(control.send(head, NAME), 503, "engine 24001 is not connected");
  }

  @Test
  void aContainerThatExistsSaysItsImage() {
    control.runtimeSays = Future.succeededFuture(Optional.of(DEPLOYED));

    assertAnswer(
        control.post("/docker/exapp/exists", NAME),
        200,
        "{\"exists\": true, \"image_ref\": \"acme/demo:1\"}");
    assertThat(control.orders).containsExactly("find nc_app_demo");
  }

  @Test
  void aContainerThatDoesNotExistIsAnAnswer() {
    control.runtimeSays = Future.succeededFuture(Optional.empty());

    assertAnswer(control.post("/docker/exapp/exists", NAME), 200, "{\"exists\": false}");
  }

  @Test
  void aContainerIsCreatedWithDefaults() {
    control.runtimeSays = Future.succeededFuture(DEPLOYED);

    assertAnswer(
        control.post(
            "/docker/exapp/create",
            "{\"name\": \"demo\", \"image_id\": \"acme/demo:1\", \"start_container\": true}"),
        201,
        "{\"id\": \"abc123\", \"name\": \"nc_app_demo\"}");
    assertThat(control.orders)
        .containsExactly(
            new ExAppSpec(
                new ExAppName(new AppId("demo")),
                "acme/demo:1",
                ContainerEnvironment.of(),
                ComputeDevice.CPU,
                ResourceLimits.NONE,
                new EngineOptions()));
  }

  @Test
  void aContainerIsCreatedAsOrdered() {
    control.runtimeSays = Future.succeededFuture(DEPLOYED);

    control.post(
        "/docker/exapp/create",
        """
        {"name": "demo", "instance_id": "i", "role_suffix": "rp", "image": "acme/demo:1",
         "network_mode": "nextcloud", "restart_policy": "always", "compute_device": "rocm",
         "environment_variables": ["A=1", "B==", "C=ü"],
         "mount_points": [
           {"source": "/srv/models", "target": "/models", "mode": "ro", "extra": 1},
           {"source": "/srv/data/", "target": "/data"},
           {"source": "/var/run/docker.sock", "target": "/docker.sock", "mode": "RO"}],
         "resource_limits": {"memory": 2147483648, "nanoCPUs": 1500000000.0}}
        """);

    assertThat(control.orders)
        .containsExactly(
            new ExAppSpec(
                new ExAppName(new AppId("demo"), "i", "rp", ExAppName.PREFIX),
                "acme/demo:1",
                ContainerEnvironment.of("A=1", "B==", "C=ü"),
                ComputeDevice.ROCM,
                new ResourceLimits(OptionalLong.of(2147483648L), OptionalLong.of(1500000000L)),
                new EngineOptions(
                    "nextcloud",
                    "always",
                    List.of(
                        new Mount("/srv/models", "/models", true),
                        new Mount("/srv/data", "/data", false),
                        new Mount("/var/run/docker.sock", "/docker.sock", false)))));
  }

  @ParameterizedTest(name = "S10: network {0}")
  @ValueSource(strings = {"host", "bridge", "none", "nextcloud-aio", "My network", "default", ""})
  void everyNetworkThatAppApiCanAskForIsPassedOn(String network) {
    control.runtimeSays = Future.succeededFuture(DEPLOYED);

    control.post("/docker/exapp/create", create("\"network_mode\": \"" + network + "\""));

    assertThat(((ExAppSpec) control.orders.get(0)).onEngine().networkMode()).isEqualTo(network);
  }

  @Test
  @DisplayName(
      "S10: a folder of the host that nobody allowed is a 400 with the line that allows it")
  void s10_aFolderThatIsNotAllowedIsRefusedWithTheLineToAdd() {
    var answer =
        control.post(
            "/docker/exapp/create",
            create(
                "\"mount_points\": [{\"source\": \"/etc\", \"target\": \"/x\", \"mode\":"
                    + " \"ro\"}]"));

    assertText(answer, 400);
    assertThat(answer.body().toString())
        .contains(
            "mount_points[0].source: '/etc'", "HP_ALLOWED_MOUNTS=/srv,/var/run/docker.sock,/etc");
    assertThat(control.orders).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"memory\": null, \"nanoCPUs\": null, \"other\": [1]}"})
  void limitsMayBeEmptyOrNull(String limits) {
    control.runtimeSays = Future.succeededFuture(DEPLOYED);

    var answer = control.post("/docker/exapp/create", create("\"resource_limits\": " + limits));

    assertThat(answer.status()).isEqualTo(201);
    assertThat(((ExAppSpec) control.orders.get(0)).limits()).isEqualTo(ResourceLimits.NONE);
  }

  @Test
  void w1_theContainerGetsATokenInPlaceOfTheKey() {
    control.runtimeSays = Future.succeededFuture(DEPLOYED);

    control.post(
        "/docker/exapp/create",
        create(
            "\"environment_variables\":"
                + " [\"APP_ID=demo\", \"APP_PORT=23004\", \"HP_SHARED_KEY=the-key\"]"));

    assertThat(((ExAppSpec) control.orders.get(0)).environment().entries())
        .containsExactly("APP_ID=demo", "APP_PORT=23004", "HP_SHARED_KEY=harp1.demo.23004.mac");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"image_id\": null|image_id: expected a string, found null",
        "\"image_id\": 5|image_id: expected a string, found a number",
        "\"image_id\": \"\"|image_id: expected an image reference, found nothing",
        "\"image_id\": \"a b\"|image_id: expected an image reference without blanks, found U+0020"
            + " as character 2 of 3",
        "\"image_id\": \"acme/demo:1\\n\"|image_id: expected an image reference without blanks,"
            + " found U+000A as character 12 of 12",
        "\"compute_device\": \"tpu\"|compute_device: found another word, expected one of cpu,",
        "\"compute_device\": \"CPU\"|compute_device: found another word",
        "\"compute_device\": null|compute_device: expected a string, found null",
        "\"network_mode\": null|network_mode: expected a string, found null",
        "\"network_mode\": \"container:mysql\"|network_mode 'container:mysql': expected host,",
        "\"network_mode\": \"Container:mysql\"|network_mode 'Container:mysql': expected host,",
        "\"network_mode\": \"ns:/proc/1/ns/net\"|network_mode 'ns:/proc/1/ns/net': expected",
        "\"network_mode\": \"pasta:-T,auto\"|network_mode 'pasta:-T,auto': expected",
        "\"network_mode\": \"a\\nb\"|network_mode 'a?b': expected",
        "\"environment_variables\": null|environment_variables: expected a list, found null",
        "\"environment_variables\": {\"A\": 1}|environment_variables: expected a list",
        "\"environment_variables\": [\"A=1\", 5]|environment_variables[1]: expected a string",
        "\"environment_variables\": [\"=hunter2\"]|environment_variables[0]: expected NAME=value",
        "\"environment_variables\": [\"\"]|environment_variables[0]: expected NAME=value",
        "\"environment_variables\": [\"A=hunter2\\u0000\"]|environment_variables[0]: expected",
        "\"environment_variables\": [\"HP_SHARED_KEY=hunter2\"]|environment variable APP_ID",
        "\"mount_points\": [\"/a:/b\"]|mount_points[0]: expected an object, found a string",
        "\"mount_points\": [{\"source\": \"/a\"}]|mount_points[0].target: missing",
        "\"mount_points\": [{\"source\": \"/\", \"target\": \"/host\"}]|mount_points[0].source:"
            + " '/'",
        "\"mount_points\": [{\"source\": \"/a/../..\", \"target\":"
            + " \"/x\"}]|mount_points[0].source:",
        "\"mount_points\": [{\"source\": \"data\", \"target\": \"/x\"}]|mount_points[0].source:",
        "\"resource_limits\": null|resource_limits: expected an object, found null",
        "\"resource_limits\": [1]|resource_limits: expected an object, found a list",
        "\"resource_limits\": {\"memory\": \"2g\"}|resource_limits.memory: expected an integer",
        "\"resource_limits\": {\"nanoCPUs\": -1}|resource_limits.nanoCPUs: expected an integer"
            + " from",
      })
  void anOrderThatDoesNotFitIsRefused(String member, String message) {
    var answer = control.post("/docker/exapp/create", create(member));

    assertText(answer, 400);
    assertThat(answer.body().toString())
        .startsWith("Payload validation error: " + message)
        .doesNotContain("hunter2");
    assertThat(control.orders).isEmpty();
  }

  @Test
  void anImageHasToBeNamed() {
    assertText(control.post("/docker/exapp/create", NAME), 400, "image_id: missing");
  }

  @ParameterizedTest
  @CsvSource({"start, running already", "stop, stopped already"})
  void startAndStopTellAChangeFromNone(String order, String unchanged) {
    control.runtimeSays = Future.succeededFuture(true);
    assertNoContent(control.post("/docker/exapp/" + order, NAME));

    control.runtimeSays = Future.succeededFuture(false);
    assertText(control.post("/docker/exapp/" + order, NAME), 200, unchanged);

    assertThat(control.orders).containsOnly(order + " nc_app_demo");
  }

  @Test
  void aStartThatEndsWellSaysSo() {
    control.runtimeSays = Future.succeededFuture(new StartOutcome(true, "running", null, null));

    assertAnswer(
        control.post("/docker/exapp/wait_for_start", NAME),
        200,
        "{\"started\": true, \"status\": \"running\", \"health\": null}");
  }

  @Test
  void aStartThatDoesNotEndWellSaysWhy() {
    control.runtimeSays =
        Future.succeededFuture(
            new StartOutcome(false, "exited", "starting", "non-recoverable state: exited"));

    assertAnswer(
        control.post("/docker/exapp/wait_for_start", NAME),
        200,
        """
        {"started": false, "status": "exited", "health": "starting",
         "reason": "non-recoverable state: exited"}
        """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"name\": \"demo\"}|remove nc_app_demo",
        "{\"name\": \"demo\", \"remove_data\": false}|remove nc_app_demo",
        "{\"name\": \"demo\", \"remove_data\": true}|remove nc_app_demo and nc_app_demo_data",
        "{\"name\": \"demo\", \"remove_data\": \"yes\"}|remove nc_app_demo and nc_app_demo_data",
        "{\"name\": \"demo\", \"remove_data\": 1}|remove nc_app_demo and nc_app_demo_data",
      })
  void dataIsRemovedOnlyWhenOrdered(String body, String order) {
    control.runtimeSays = Future.succeededFuture();

    assertNoContent(control.post("/docker/exapp/remove", body));

    assertThat(control.orders).containsExactly(order);
  }

  @Test
  void dataIsNotRemovedForAWordThatIsNoBoolean() {
    assertText(
        control.post("/docker/exapp/remove", "{\"name\": \"demo\", \"remove_data\": \"maybe\"}"),
        400,
        "remove_data: expected a boolean, found a string");
    assertThat(control.orders).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "true|123|-|{\"deleted\": true, \"bytes_freed\": 123}",
        "true|0|not_found|{\"deleted\": true, \"bytes_freed\": 0, \"reason\": \"not_found\"}",
        "false|0|in_use|{\"deleted\": false, \"reason\": \"in_use\"}",
      })
  void anImageRemovalSaysWhatBecameOfIt(boolean deleted, long bytes, String reason, String json) {
    control.runtimeSays = Future.succeededFuture(new ImageRemoval(deleted, bytes, reason));

    assertAnswer(
        control.post("/docker/exapp/image_remove", "{\"image_ref\": \"a/b:1\"}"), 200, json);
    assertThat(control.orders).containsExactly("remove image a/b:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"image_ref\": \"\"}", "{\"image_ref\": null}"})
  void anImageToRemoveHasToBeNamed(String body) {
    assertText(control.post("/docker/exapp/image_remove", body), 400, "image_ref");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "{\"name\": \"a\"}|-|true",
        "{\"name\": \"a\", \"system_certs_bundle\": null}|-|true",
        "{\"name\": \"a\", \"system_certs_bundle\": \"\"}|-|true",
        "{\"name\": \"a\", \"system_certs_bundle\": \"PEM\", \"install_frp_certs\":"
            + " false}|PEM|false",
      })
  void certificatesAreInstalledAsOrdered(String body, String bundle, boolean frp) {
    control.runtimeSays = Future.succeededFuture();

    assertNoContent(control.post("/docker/exapp/install_certificates", body));

    assertThat(control.orders)
        .containsExactly(new CertificateInstallation(Optional.ofNullable(bundle), frp));
  }

  private static String create(String member) {
    return "{\"name\": \"demo\", "
        + (member.contains("image_id") ? "" : "\"image_id\": \"acme/demo:1\", ")
        + member
        + "}";
  }
}
