// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;

import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimeContract;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** What AppAPI may rely on, held by a real cluster with real pods. */
@ExtendWith(RealCluster.class)
class KubernetesRuntimeTest extends ExAppRuntimeContract {

  private static Vertx vertx;
  private static Tenancy tenancy;
  private static KubernetesCluster cluster;

  @BeforeAll
  static void connect() {
    vertx = Vertx.vertx();
    tenancy = new Tenancy();
    cluster = TestClusters.cluster(tenancy.settings(), vertx);
  }

  @AfterAll
  static void disconnect() {
    cluster.close(Duration.ofSeconds(5));
    tenancy.close();
    vertx.close().await();
  }

  @Override
  protected ExAppRuntime runtime() {
    return runtimeOf(cluster);
  }

  @Override
  protected String image() {
    return RealCluster.IMAGE;
  }

  @Override
  protected boolean hasData(ExAppName name) {
    return tenancy
            .admin()
            .persistentVolumeClaims()
            .inNamespace(tenancy.namespace())
            .withName(new Markings(name).claim())
            .get()
        != null;
  }
}
