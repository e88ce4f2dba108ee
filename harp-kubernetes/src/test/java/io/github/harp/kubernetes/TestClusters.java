// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import io.github.harp.core.ExAppName;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.kubernetes.KubernetesCluster.DialIn;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.order.StartLimits;
import io.github.harp.kubernetes.testing.InCluster;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;

/** Clusters as tests set them up, and what takes the orders for one. */
final class TestClusters {

  private TestClusters() {}

  /** With the patience that it has when nobody tests it. */
  static KubernetesCluster cluster(ClusterSettings settings, Vertx vertx) {
    return cluster(settings, OrderLocks.NONE, OrderTimes.inCluster(), vertx);
  }

  static KubernetesCluster cluster(
      ClusterSettings settings, OrderLocks locks, OrderTimes times, Vertx vertx) {
    return cluster(
        settings, ExAppName.PREFIX, InCluster.TUNNELS, locks, times, new StartLimits(), vertx);
  }

  static KubernetesCluster cluster(
      ClusterSettings settings,
      String prefix,
      DialIn dialIn,
      OrderLocks locks,
      OrderTimes times,
      StartLimits startLimits,
      Vertx vertx) {
    return new KubernetesCluster(
        new ClusterDirectory(settings, prefix, vertx, Tracing.NONE),
        dialIn,
        ((VertxInternal) vertx).nettyEventLoopGroup(),
        order -> {},
        locks,
        times,
        startLimits);
  }

  /** What there is where no engine is. */
  static ExAppRuntimes placesOf(KubernetesCluster cluster) {
    return cluster.beside(ExAppRuntimes.none());
  }

  /** What takes AppAPI's orders there. */
  static ExAppRuntime runtimeOf(KubernetesCluster cluster) {
    return placesOf(cluster).at(Place.CLUSTER);
  }
}
