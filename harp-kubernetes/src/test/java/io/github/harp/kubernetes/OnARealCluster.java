// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.rbac.Role;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.kubernetes.KubernetesCluster.DialIn;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.order.StartLimits;
import io.github.harp.kubernetes.testing.InCluster;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A namespace and a runtime of its own for each test, with less patience than usual. */
@ExtendWith(RealCluster.class)
abstract class OnARealCluster {

  /** Who makes pods comes back late after a test that ended the API server. */
  private static final StartLimits IMPATIENT =
      new StartLimits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(8),
          Duration.ofSeconds(60),
          Duration.ofSeconds(15));

  final Vertx vertx = Vertx.vertx();
  Tenancy tenancy;
  KubernetesCluster cluster;

  @BeforeEach
  void connect() {
    tenancy = new Tenancy(role(), true);
    cluster = cluster(tenancy.settings());
  }

  /** What HaRP may do. */
  Role role() {
    return Tenancy.role();
  }

  @AfterEach
  void disconnect() {
    cluster.close(Duration.ofSeconds(5));
    tenancy.close();
    vertx.close().await();
  }

  @AfterAll
  static void leaveTheClusterWhole() {
    RealCluster.awaitWhole();
  }

  /** A quota named q, and no return before the API server keeps it. */
  void nothingMoreOf(String kind) {
    var namespace = tenancy.namespace();
    var hard = "--hard=count/configmaps=0,count/" + kind + "=0";
    RealCluster.kubectl("create", "quota", "q", hard, "-n", namespace);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                RealCluster.kubectlWhateverTheEnd("create", "configmap", "c", "-n", namespace)
                    .contains("exceeded quota: q"));
  }

  KubernetesCluster cluster(ClusterSettings settings) {
    return cluster(settings, InCluster.TUNNELS);
  }

  KubernetesCluster cluster(ClusterSettings settings, String prefix) {
    return cluster(settings, prefix, InCluster.TUNNELS, OrderTimes.inCluster());
  }

  KubernetesCluster cluster(ClusterSettings settings, DialIn tunnels) {
    return cluster(settings, tunnels, OrderTimes.inCluster());
  }

  KubernetesCluster cluster(ClusterSettings settings, DialIn tunnels, OrderTimes times) {
    return cluster(settings, ExAppName.PREFIX, tunnels, times);
  }

  private KubernetesCluster cluster(
      ClusterSettings settings, String prefix, DialIn tunnels, OrderTimes times) {
    return TestClusters.cluster(
        settings, prefix, tunnels, OrderLocks.NONE, times, IMPATIENT, vertx);
  }

  /** One with the patience that it has when nobody tests it. */
  KubernetesCluster patient(ClusterSettings settings) {
    return TestClusters.cluster(settings, vertx);
  }

  ExAppRuntime runtime() {
    return runtimeOf(cluster);
  }
}
