// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.proxy.control.ControlFixture.assertAnswer;
import static io.github.harp.proxy.control.ControlFixture.assertNoContent;
import static io.github.harp.proxy.control.ControlFixture.assertText;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.TestExApp;
import io.vertx.core.Future;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesOrdersTest {

  private static final ExApp DEMO = TestExApp.at("127.0.0.1", 23000, "demo", "s");

  private final ControlFixture control = new ControlFixture();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exists|{\"name\": \"a\"}",
        "create|{\"name\": \"a\", \"image\": \"x\", \"resource_limits\": {\"memory\": \"1Gi\"}}",
        "create|{\"name\": \"a\", \"image\": \"x\", \"mount_points\": [{\"source\": \"/\","
            + " \"target\": \"/x\"}]}",
        "start|{\"name\": \"a\"}",
        "stop|{\"name\": \"a\"}",
        "wait_for_start|{\"name\": \"a\"}",
        "remove|{\"name\": \"a\", \"remove_data\": true}",
        "expose|{\"name\": \"a\", \"port\": 23000}",
        "expose|{\"name\": \"a\", \"port\": 1, \"expose_type\": \"nodeport\", \"node_port\":"
            + " 30000}",
      })
  void whatNeedsAClusterIsUnavailable(String order, String body) {
    assertText(control.post("/k8s/exapp/" + order, body), 503, "Kubernetes is not enabled");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exists|{}|name: missing",
        "create|{\"name\": \"a\"}|image_id: missing",
        "create|{\"name\": \"a\", \"image\": \"x\", \"resource_limits\": 1}|resource_limits: ",
        "remove|{\"name\": \"a\", \"remove_data\": []}|remove_data: expected a boolean",
        "install_certificates|{\"name\": \"a\", \"system_certs_bundle\": 1}|system_certs_bundle: ",
        "expose|{\"name\": \"a\"}|port: missing",
      })
  void aWrongBodyIsRefusedFirst(String order, String body, String message) {
    assertText(
        control.post("/k8s/exapp/" + order, body), 400, "Payload validation error: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"port\": 0|port: expected an integer from 1 to 65535",
        "\"expose_type\": \"ingress\"|expose_type: found another word",
        "\"expose_type\": \"manual\"|upstream_host: missing",
        "\"expose_type\": \"manual\", \"upstream_host\": \" \"|upstream_host: missing",
        "\"upstream_port\": 70000|upstream_port: ",
        "\"service_port\": 0|service_port: ",
        "\"node_port\": 80|node_port: expected an integer from 30000 to 32767",
        "\"external_traffic_policy\": \"Global\"|external_traffic_policy: ",
        "\"load_balancer_ip\": 1|load_balancer_ip: ",
        "\"service_annotations\": {\"a\": 1}|service_annotations.a: expected a string",
        "\"service_labels\": null|service_labels: expected an object",
        "\"wait_timeout_seconds\": 601|wait_timeout_seconds: ",
        "\"wait_interval_seconds\": 0|wait_interval_seconds: ",
        "\"node_address_type\": \"Hostname\"|node_address_type: ",
        "\"node_name\": 5|node_name: ",
        "\"node_label_selector\": []|node_label_selector: ",
      })
  void anExposureIsCheckedToTheLastMember(String member, String message) {
    var body =
        "{\"name\": \"a\", " + (member.contains("\"port\"") ? "" : "\"port\": 1, ") + member + "}";

    assertText(
        control.post("/k8s/exapp/expose", body), 400, "Payload validation error: " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"name\": \"a\"}", "{\"name\": \"a\", \"system_certs_bundle\": \"PEM\"}"})
  void installingCertificatesDoesNothing(String body) {
    assertNoContent(control.post("/k8s/exapp/install_certificates", body));
  }

  @Test
  void aManualExposureNeedsNoCluster() {
    control.nextcloudSays = Future.succeededFuture(Optional.of(DEMO));

    assertAnswer(
        control.post(
            "/k8s/exapp/expose",
            """
            {"name": "Demo", "port": 23000, "expose_type": "manual", "upstream_host": "10.1.2.3",
             "upstream_port": 8080, "node_port": null, "service_labels": []}
            """),
        200,
        """
        {"appId": "demo", "host": "10.1.2.3", "port": 8080, "exposeType": "manual",
         "serviceName": "nc-app-demo", "namespace": "nextcloud-exapps"}
        """);
    assertThat(control.orders).containsExactly("exapp-meta demo");
    assertThat(control.records.get(new AppId("demo")))
        .isEqualTo(
            new ExApp(
                new AppId("demo"),
                "1.0.0",
                new ExAppAddress("10.1.2.3", 8080),
                DEMO.token(),
                RouteTable.empty(),
                true));
  }

  @Test
  void aManualExposureUsesThePortWithoutAnotherOne() {
    control.nextcloudSays = Future.succeededFuture(Optional.of(DEMO));

    control.post("/k8s/exapp/expose", manual());

    assertThat(control.records.get(new AppId("demo")).address().port()).isEqualTo(23001);
  }

  @Test
  void anUnknownExAppIsNotExposed() {
    assertText(control.post("/k8s/exapp/expose", manual()), 404, "unknown to Nextcloud");
  }

  @ParameterizedTest
  @EnumSource(
      value = HarpException.Code.class,
      names = {"UNREACHABLE", "TIMED_OUT", "FAILED", "REFUSED", "BUSY"})
  void whateverIsWrongWithNextcloudIs503(HarpException.Code code) {
    control.nextcloudSays = Future.failedFuture(new HarpException(code, "its own words"));

    assertText(control.post("/k8s/exapp/expose", manual()), 503, "its own words");
    assertThat(control.records).isEmpty();
  }

  private static String manual() {
    return "{\"name\": \"demo\", \"port\": 23001, \"expose_type\": \"manual\","
        + " \"upstream_host\": \"h\"}";
  }
}
