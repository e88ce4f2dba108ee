// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A HaRP for a real cluster, and what AppAPI orders of it. */
record ClusterOrders(HarpProcess harp, int port) implements AutoCloseable {

  /**
   * @param further variables beside those that every one needs
   */
  static ClusterOrders start(
      Tenancy tenancy, NextcloudDouble nextcloud, Path folder, Map<String, String> further)
      throws IOException {
    var port = HarpProcess.freePort();
    var token = Files.writeString(folder.resolve("token"), tenancy.token());
    var environment = Stage.environment(nextcloud.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
    environment.put("HP_DOCKER_ENGINES", "");
    environment.put("HP_K8S_ENABLED", "true");
    environment.put("HP_K8S_API_SERVER", RealCluster.server());
    environment.put("HP_K8S_NAMESPACE", tenancy.namespace());
    environment.put("HP_K8S_BEARER_TOKEN_FILE", token.toString());
    environment.put("HP_K8S_CA_FILE", RealCluster.ca().toString());
    environment.put("HP_K8S_DEFAULT_STORAGE_SIZE", "10Mi");
    environment.putAll(further);
    return new ClusterOrders(HarpProcess.start(environment).awaitListening(port), port);
  }

  String output() {
    return harp.output();
  }

  Answer order(String app, String order, JsonObject body, int status) {
    var answer = send("POST", "/exapps/app_api/k8s/exapp/" + order, body.put("name", app).encode());
    assertThat(answer.status()).as(order + ": " + answer + "\n" + harp.output()).isEqualTo(status);
    return answer;
  }

  Answer send(String method, String target, String body) {
    var lines = new ArrayList<String>();
    if (target.startsWith("/exapps/app_api/")) {
      lines.add("harp-shared-key: " + Stage.KEY);
    }
    lines.add("Content-Length: " + body.length());
    try (var wire = new Wire(port, Duration.ofSeconds(120))) {
      return wire.send(Wire.request(method, target, lines) + body).answer();
    }
  }

  /** What AppAPI orders to be created. */
  static JsonObject container(String... environment) {
    return new JsonObject()
        .put("image", RealCluster.IMAGE)
        .put("compute_device", "cpu")
        .put("environment_variables", new JsonArray(List.of(environment)));
  }

  /** What AppAPI tells of an ExApp whose pages all are open to everybody. */
  static String metadata(int port) {
    return """
    {"exapp_token": "app-secret", "exapp_version": "1.2.3", "host": "127.0.0.1", "port": %d,
     "routes": [{"url": ".*", "access_level": 0}]}
    """
        .formatted(port);
  }

  static JsonObject json(Answer answer) {
    return new JsonObject(answer.text());
  }

  @Override
  public void close() {
    harp.close();
  }
}
