// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract 5, 6 and 8: orders, and calls that are passed to an engine. */
@ExtendWith(Stage.OnStage.class)
class ControlIT {

  private static final String ENGINE = "docker-engine-port: " + Stage.ENGINE;

  private final Stage stage;

  ControlIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void theServiceTellsWhatItIs() {
    assertThat(json(stage.order("GET", "/heartbeat", "")))
        .isEqualTo(new JsonObject().put("status", "ok"));
    var info = json(stage.order("GET", "/info", ""));
    assertThat(info.getString("version")).isEqualTo("0.4.4");
    assertThat(info.getBoolean("docker")).isTrue();
    assertThat(info.getJsonObject("kubernetes").getBoolean("enabled")).isFalse();
  }

  @Test
  void headIsGetWithoutTheBody() {
    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request(
              "HEAD",
              "/exapps/app_api/heartbeat",
              List.of("harp-shared-key: " + Stage.KEY, "Connection: close")));
      var rest = wire.read(100_000);
      assertThat(rest).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
      assertThat(rest.toLowerCase()).contains("content-length: 15");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET|/nothing||404|404: Not Found",
        "PUT|/info||405|405: Method Not Allowed",
        "POST|/exapp_storage/demo|{|400|",
        "POST|/exapp_storage/demo|{}|400|Payload validation error:",
        "POST|/docker/exapp/exists|{\"name\": \"a\"}|400|docker-engine-port",
        "POST|/k8s/exapp/exists|{\"name\": \"a\"}|503|",
        "POST|/k8s/exapp/exists|{}|400|Payload validation error:",
        "POST|/k8s/exapp/install_certificates|{\"name\": \"a\"}|204|",
      })
  void ordersHaveTheirStatuses(String method, String path, String body, int status, String text) {
    var answer = stage.order(method, path, body == null ? "" : body);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).contains(text == null ? "" : text);
  }

  @Test
  void aBodyOfMoreThanAMebibyteIs413() {
    var answer = stage.order("POST", "/exapp_storage/demo", " ".repeat((1 << 20) + 1));

    assertThat(answer.status()).isEqualTo(413);
  }

  @Test
  void anEngineThatIsNotThereIs503() {
    var answer =
        stage.order(
            "POST", "/docker/exapp/exists", "{\"name\": \"a\"}", "docker-engine-port: 24098");

    assertThat(answer.status()).isEqualTo(503);
  }

  @Test
  void anExAppOfAClusterMayBeExposedByHand() {
    var app = stage.unknownExApp();
    stage.nextcloud.register(app, 1, List.of(route(".*", 0)));

    var answer =
        stage.order(
            "POST",
            "/k8s/exapp/expose",
            ("{\"name\": \"%s\", \"port\": %d, \"expose_type\": \"manual\","
                    + " \"upstream_host\": \"127.0.0.1\"}")
                .formatted(app, stage.exApp.port()));

    assertThat(json(answer).getInteger("port")).isEqualTo(stage.exApp.port());
    assertThat(stage.get("/exapps/" + app + "/x").status()).isEqualTo(200);
  }

  @Test
  void theControlApiIsNotReachedThroughAnEnginesNumber() {
    assertThat(stage.order("GET", "/info", "", ENGINE).status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1.44/_ping",
        "GET /v1.44/images/ghcr.io/nextcloud/test-deploy:latest/json",
        "GET /v1.44/containers/nc_app_demo/json",
        "GET /v1.44/containers/nc_app_demo/logs?stdout=true&stderr=true&tail=all",
        "POST /v1.44/images/create?fromImage=ghcr.io%2Fnextcloud%2Ftest-deploy%3Alatest",
      })
  void theCallsOfAppApiReachTheEngine(String call) {
    var parts = call.split(" ");

    var answer = stage.order(parts[0], parts[1], "", ENGINE, "Authorization: Basic YXBwOmtleQ==");

    assertThat(answer.status()).isEqualTo(200);
    var received = stage.engine.requests(parts[1]);
    assertThat(received).hasSize(1);
    for (var name : List.of("harp-shared-key", "docker-engine-port", "authorization")) {
      assertThat(received.get(0).header(name)).as("W8 " + name).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /containers/json",
        "POST /containers/create",
        "GET /containers/mysql/json",
        "GET /containers/nc_app_x/jsonfoo/bar",
        "GET /containers/nc_app_x%2f%2e%2e%2fmysql/json",
        "POST /images/create?fromSrc=-",
        "POST /images/create?fromImage=a&fromSrc=-",
        "DELETE /images/a/json",
      })
  @DisplayName("W14: other calls do not")
  void w14_otherCallsDoNot(String call) {
    var parts = call.split(" ");
    var before = stage.engine.requests().size();

    try (var wire = new Wire(stage.port)) {
      wire.send(
          Wire.request(
              parts[0],
              "/exapps/app_api" + parts[1],
              List.of("harp-shared-key: " + Stage.KEY, ENGINE, "Content-Length: 0")));
      var first = wire.read(12);
      assertThat(first).isIn("HTTP/1.1 403", "");
    }
    assertThat(stage.engine.requests()).hasSize(before);
  }

  @ParameterizedTest
  @CsvSource({
    "24098, 503",
    "23000, 403",
    "80, 403",
    "24100, 403",
    "0, 400",
    "x, 400",
    "99999, 400"
  })
  void anEnginesNumberReachesEnginesOnly(String number, int status) {
    var answer = stage.order("GET", "/v1.44/_ping", "", "docker-engine-port: " + number);

    assertThat(answer.status()).isEqualTo(status);
  }

  private static JsonObject json(Answer answer) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.header("content-type")).containsExactly("application/json; charset=utf-8");
    return new JsonObject(answer.text());
  }
}
