// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static io.github.harp.kubernetes.testing.ScriptedApi.json;
import static io.github.harp.kubernetes.testing.ScriptedApi.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.testing.LosableLocks;
import io.github.harp.kubernetes.testing.ScriptedApi;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Orders whose node stood still until another one may have had the lock. */
class LateOrdersTest {

  private static final ExAppName NAME = new ExAppName(new AppId("demo"));
  private static final int MOST_CALLS = 40;

  private final Vertx vertx = Vertx.vertx();
  private final ScriptedApi api = new ScriptedApi(vertx);
  private final AtomicInteger conflicts = new AtomicInteger();

  /** So many are made before the lock is lost. */
  private volatile int callsWithLock;

  private final KubernetesCluster cluster =
      TestClusters.cluster(
          api.settings(),
          new LosableLocks(() -> api.requests.size() >= callsWithLock),
          OrderTimes.inCluster(),
          vertx);

  @AfterEach
  void close() {
    cluster.close();
    api.close();
    vertx.close().await();
  }

  enum Order {
    CREATE {
      @Override
      Future<?> give(ExAppRuntime runtime) {
        return runtime.create(spec(NAME));
      }
    },
    START {
      @Override
      Future<?> give(ExAppRuntime runtime) {
        return runtime.start(NAME);
      }
    },
    STOP {
      @Override
      Future<?> give(ExAppRuntime runtime) {
        return runtime.stop(NAME);
      }
    },
    REMOVE {
      @Override
      Future<?> give(ExAppRuntime runtime) {
        return runtime.remove(NAME, true);
      }
    },
    INSTALL_CERTIFICATES {
      @Override
      Future<?> give(ExAppRuntime runtime) {
        return runtime.installCertificates(
            NAME, new CertificateInstallation(Optional.empty(), true));
      }
    },
    EXPOSE {
      @Override
      Future<?> give(ExAppRuntime runtime) {
        return runtime.expose(exposure(NAME, Type.CLUSTERIP));
      }
    };

    abstract Future<?> give(ExAppRuntime runtime);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsChangedWhenTheLockMayBeAnothers(Order order) throws Exception {
    var isWhole = false;
    Throwable why = null;
    for (var calls = 0; calls < MOST_CALLS && !isWhole; calls++) {
      api.requests.clear();
      conflicts.set(order == Order.EXPOSE ? 2 : 0);
      api.answers = request -> answer(order, request);
      callsWithLock = calls;

      var given = order.give(runtimeOf(cluster));
      given.transform(outcome -> Future.succeededFuture()).await(60, TimeUnit.SECONDS);

      isWhole = given.succeeded();
      why = given.cause();
      assertThat(api.requests.stream().skip(calls))
          .as("after %d calls: %s", calls, given.cause())
          .allMatch(call -> call.startsWith("GET"));
    }
    assertThat(isWhole).as("an order that keeps its lock: %s, %s", api.requests, why).isTrue();
  }

  private void answer(Order order, HttpServerRequest request) {
    var isDeployed = order != Order.CREATE;
    if (request.method().name().equals("DELETE")) {
      json(request, 200, new JsonObject().put("kind", "Status").put("status", "Success"));
    } else if (request.path().endsWith("/pods")) {
      json(request, 200, object("v1", "PodList"));
    } else if (request.method().name().equals("POST")) {
      if (isDeployed) {
        status(request, 409, "AlreadyExists");
      } else {
        request.bodyHandler(body -> json(request, 201, body.toJsonObject()));
      }
    } else if (!request.method().name().equals("GET") && conflicts.getAndDecrement() > 0) {
      status(request, 409, "Conflict");
    } else if (request.path().contains("/deployments/") && isDeployed) {
      json(request, 200, deployment(order));
    } else if (request.path().contains("/secrets/")) {
      request.bodyHandler(body -> json(request, 200, object("v1", "Secret")));
    } else if (request.path().contains("/services/") && order == Order.EXPOSE) {
      json(request, 200, service());
    } else {
      status(request, 404, "NotFound");
    }
  }

  private static JsonObject deployment(Order order) {
    return object("apps/v1", "Deployment")
        .put(
            "spec",
            new JsonObject("{\"template\": {\"spec\": {\"volumes\": [{\"name\": \"frp\"}]}}}")
                .put("replicas", order == Order.START ? 0 : 1));
  }

  private static JsonObject service() {
    return object("v1", "Service")
        .put(
            "spec",
            new JsonObject(
                "{\"type\": \"ClusterIP\", \"clusterIP\": \"10.96.0.9\","
                    + " \"ports\": [{\"port\": 23000}]}"));
  }

  private static JsonObject object(String version, String kind) {
    return new JsonObject()
        .put("apiVersion", version)
        .put("kind", kind)
        .put(
            "metadata",
            new JsonObject(
                """
                {"name": "nc-app-demo", "resourceVersion": "7", "annotations": {}, "labels":
                 {"app.kubernetes.io/managed-by": "harp", "app.kubernetes.io/component": "exapp"}}
                """));
  }
}
