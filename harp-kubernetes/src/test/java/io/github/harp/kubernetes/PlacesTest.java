// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.core.HarpException.Code.UNREACHABLE;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.ExAppRuntimesContract;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.kubernetes.testing.ScriptedApi;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An engine, and beside it a cluster where there is nothing. */
class PlacesTest extends ExAppRuntimesContract {

  private final Vertx vertx = Vertx.vertx();
  private final ScriptedApi api = new ScriptedApi(vertx);
  private final ExAppRuntime engine = new InMemoryExAppRuntime();
  private final KubernetesCluster cluster = TestClusters.cluster(api.settings(), vertx);

  /** Its lists are empty. */
  @BeforeEach
  void emptyTheCluster() {
    var list = new JsonObject().put("kind", "List").put("apiVersion", "v1").put("items", List.of());
    api.answers =
        request -> {
          if (request.path().endsWith("s")) {
            ScriptedApi.json(request, 200, list);
          } else {
            ScriptedApi.status(request, 404, "NotFound");
          }
        };
  }

  @AfterEach
  void close() {
    cluster.close();
    api.close();
    vertx.close().await();
  }

  @Override
  protected ExAppRuntimes runtimes() {
    return cluster.beside(
        ExAppRuntimes.onEngines(
            number -> {
              if (number.equals(EngineNumber.FIRST)) {
                return engine;
              }
              throw new HarpException(UNREACHABLE, "engine " + number + ": not connected");
            }));
  }

  @Override
  protected boolean hasCluster() {
    return true;
  }
}
