// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.ScriptedApi.json;
import static io.github.harp.kubernetes.testing.ScriptedApi.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.OrderTimes.Limit;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.config.ClusterSettings.Token;
import io.github.harp.kubernetes.testing.ScriptedApi;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an API server is called, and what is said when it does not do as asked. */
class KubernetesClusterTest {

  private static final ExAppName NAME = new ExAppName(new AppId("demo"));

  private static final OrderTimes SHORT =
      new OrderTimes(
          Limit.seconds(2, 2),
          OrderTimes.inCluster().create(),
          OrderTimes.inCluster().startOrStop(),
          OrderTimes.inCluster().awaitStart(),
          OrderTimes.inCluster().remove(),
          OrderTimes.inCluster().removeImage(),
          OrderTimes.inCluster().installCertificates(),
          OrderTimes.inCluster().startPatience(),
          OrderTimes.inCluster().turn(),
          OrderTimes.inCluster().undo());

  private final Vertx vertx = Vertx.vertx();
  private final ScriptedApi api = new ScriptedApi(vertx);
  private final List<KubernetesCluster> clusters = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void close() {
    clusters.forEach(KubernetesCluster::close);
    api.close();
    vertx.close().await();
  }

  @Test
  void theTokenIsReadForEachCall() throws Exception {
    var file = folder.resolve("token");
    Files.writeString(file, "first\n");
    var cluster = cluster(api.settings(new Token(Optional.empty(), file)));
    get(runtimeOf(cluster).find(NAME));

    Files.writeString(file, "second\n");
    get(runtimeOf(cluster).find(NAME));

    assertThat(api.authorizations).containsExactly("Bearer first", "Bearer second");
  }

  @Test
  void aFixedTokenWinsOverTheFile() throws Exception {
    var file = folder.resolve("token");
    Files.writeString(file, "other");

    get(
        runtimeOf(cluster(api.settings(new Token(Optional.of(Secret.of(" fixed \n")), file))))
            .find(NAME));

    assertThat(api.authorizations).containsExactly("Bearer fixed");
  }

  @Test
  void whatIsMissingIsNamed() {
    var file = folder.resolve("token");
    assertFails(
        runtimeOf(cluster(api.settings(new Token(Optional.empty(), file)))).find(NAME),
        Code.UNAVAILABLE,
        "HP_K8S_BEARER_TOKEN",
        file.toString());

    var nowhere = api.settings();
    assertFails(
        runtimeOf(
                cluster(
                    new ClusterSettings(
                        Optional.empty(),
                        "exapps",
                        nowhere.token(),
                        nowhere.caFile(),
                        true,
                        nowhere.standards())))
            .find(NAME),
        Code.UNAVAILABLE,
        "HP_K8S_API_SERVER",
        "KUBERNETES_SERVICE_HOST");
    assertThat(api.requests).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"401, Unauthorized", "403, Forbidden", "429, TooManyRequests", "500, InternalError"})
  void aRefusalIsToldInTheServersWords(int code, String reason) {
    api.answers = request -> status(request, code, reason);

    assertFails(
        runtimeOf(cluster()).find(NAME),
        Code.REFUSED,
        "cluster, find nc_app_demo",
        code + " " + reason + ": because of " + reason);
    assertThat(api.requests)
        .as("asked again only where the token may be a new one by now")
        .hasSize(code == 401 ? 2 : 1);
  }

  @Test
  void whoeverListensButIsNoApiServerIsNotBelieved() {
    api.answers = request -> request.response().end("<html>hello</html>");

    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(runtimeOf(cluster()).find(NAME)))
        .withMessageContaining("cluster, find nc_app_demo");
  }

  @Test
  void nobodyThereIsToldAtOnce() {
    var settings = api.settings();
    api.close();

    assertFails(runtimeOf(cluster(settings)).find(NAME), Code.UNREACHABLE, "can't be reached");
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUp() {
    api.answers = request -> {};

    assertFails(runtimeOf(cluster()).find(NAME), Code.TIMED_OUT, "did not answer in time");
  }

  @Test
  void theStateTellsWhetherItAnswers() throws Exception {
    api.answers = request -> json(request, 200, new JsonObject().put("kind", "APIVersions"));
    assertThat(get(placesOf(cluster()).cluster())).contains(new ClusterState(api.url(), true));
    assertThat(api.requests).containsExactly("GET /api");

    api.answers = request -> status(request, 401, "Unauthorized");
    assertThat(get(placesOf(cluster()).cluster())).contains(new ClusterState(api.url(), false));
  }

  @Test
  @DisplayName("what was made before the API server refused is taken away again")
  void whatWasMadeIsUndone() {
    api.answers =
        request -> {
          if (request.path().endsWith("/persistentvolumeclaims")) {
            json(request, 201, claim());
          } else if (request.path().endsWith("/deployments")) {
            status(request, 403, "Forbidden");
          } else {
            status(request, 404, "NotFound");
          }
        };

    assertFails(runtimeOf(cluster()).create(spec()), Code.REFUSED, "403 Forbidden");

    assertThat(api.requests)
        .contains("DELETE /api/v1/namespaces/exapps/persistentvolumeclaims/nc-app-demo-data");
  }

  @Test
  void aDeploymentWhoseAnswerWasLostIsTakenAway() {
    var made = new AtomicReference<JsonObject>();
    api.answers =
        request -> {
          if (request.path().endsWith("/persistentvolumeclaims")) {
            json(request, 201, claim());
          } else if (request.path().endsWith("/deployments")) {
            request.bodyHandler(
                body -> {
                  var asked = body.toJsonObject();
                  asked.getJsonObject("metadata").put("generation", 1);
                  made.set(asked);
                  request.connection().close();
                });
          } else if (request.path().endsWith("/deployments/nc-app-demo")
              && request.method().name().equals("GET")) {
            json(request, 200, made.get());
          } else {
            json(request, 200, new JsonObject().put("kind", "Status").put("status", "Success"));
          }
        };

    assertFails(runtimeOf(cluster()).create(spec()), Code.UNREACHABLE, "create nc_app_demo");

    assertThat(api.requests)
        .contains(
            "DELETE /apis/apps/v1/namespaces/exapps/deployments/nc-app-demo",
            "DELETE /api/v1/namespaces/exapps/persistentvolumeclaims/nc-app-demo-data");
  }

  @Test
  void aWatchThatIsForbiddenIsNotTriedForEver() {
    api.answers =
        request -> {
          if (request.getParam("watch") != null) {
            status(request, 403, "Forbidden");
          } else if (request.path().endsWith("/pods")) {
            json(
                request,
                200,
                new JsonObject(
                    """
                    {"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "7"},
                     "items": []}
                    """));
          } else {
            json(
                request,
                200,
                new JsonObject(
                    "{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\":"
                        + " {\"labels\": {\"app.kubernetes.io/component\": \"exapp\"}},"
                        + " \"spec\": {\"replicas\": 1}}"));
          }
        };

    assertFails(runtimeOf(cluster()).awaitStart(NAME), Code.REFUSED, "403 Forbidden");
  }

  @Test
  @DisplayName("W24: while the API server is away an ExApp that was never there stays where it is")
  void w24_anOutageDoesNotTouchOtherExApps() throws Exception {
    api.answers = request -> status(request, 503, "ServiceUnavailable");
    var cluster = cluster();

    assertThat(get(placesOf(cluster).located(exApp("127.0.0.1"))).address().host())
        .isEqualTo("127.0.0.1");
    assertFails(
        placesOf(cluster).located(exApp("10.1.2.3")), Code.REFUSED, "503 ServiceUnavailable");
  }

  @Test
  void anExAppThatWasInTheClusterIsNotLookedForElsewhere() throws Exception {
    var cluster = cluster();
    api.answers =
        request ->
            json(
                request,
                200,
                new JsonObject(
                    """
                    {"apiVersion": "v1", "kind": "Service",
                     "metadata": {"name": "nc-app-demo"},
                     "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.9",
                              "ports": [{"port": 23000}]}}
                    """));
    assertThat(get(placesOf(cluster).located(exApp("127.0.0.1"))).address().host())
        .isEqualTo("10.96.0.9");

    api.answers = request -> status(request, 503, "ServiceUnavailable");

    assertFails(placesOf(cluster).located(exApp("127.0.0.1")), Code.REFUSED, "503");
  }

  private KubernetesCluster cluster() {
    return cluster(api.settings());
  }

  private KubernetesCluster cluster(ClusterSettings settings) {
    var cluster = TestClusters.cluster(settings, OrderLocks.NONE, SHORT, vertx);
    clusters.add(cluster);
    return cluster;
  }

  private static ExApp exApp(String host) {
    return TestExApp.at(host, 23000, "demo", "s");
  }

  private static ExAppSpec spec() {
    return new ExAppSpec(
        NAME,
        "x",
        ContainerEnvironment.of(),
        ComputeDevice.CPU,
        ResourceLimits.NONE,
        new EngineOptions());
  }

  private static JsonObject claim() {
    return new JsonObject(
        "{\"apiVersion\": \"v1\", \"kind\": \"PersistentVolumeClaim\","
            + " \"metadata\": {\"name\": \"nc-app-demo-data\"}}");
  }

  private static void assertFails(Future<?> order, Code code, String... says) {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(order))
        .satisfies(
            failure -> {
              assertThat(failure.code()).isEqualTo(code);
              assertThat(failure.getMessage()).contains(says);
            });
  }

  private static <T> T get(Future<T> order) throws Exception {
    return order.await(Duration.ofSeconds(60).toSeconds(), TimeUnit.SECONDS);
  }
}
