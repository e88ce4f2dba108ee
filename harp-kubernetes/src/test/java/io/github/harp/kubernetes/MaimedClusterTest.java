// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.OrderTimes.Limit;
import io.github.harp.kubernetes.testing.InCluster;
import io.github.harp.kubernetes.testing.RealCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A part of the cluster is away: its node, its scheduler, its controllers or its store. */
class MaimedClusterTest extends InAHostileState {

  /** Each call has little time. */
  private static final OrderTimes TERSE =
      new OrderTimes(
          Limit.seconds(4, 30),
          Limit.seconds(4, 30),
          Limit.seconds(4, 30),
          Limit.seconds(4, 30),
          Limit.seconds(4, 30),
          Limit.seconds(4, 30),
          Limit.seconds(4, 30),
          Duration.ofSeconds(90),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10));

  /** Who waits for data to go has little time. */
  private static final OrderTimes HASTY =
      new OrderTimes(
          Limit.seconds(15, 15),
          Limit.seconds(15, 16),
          Limit.seconds(30, 30),
          Limit.seconds(30, 300),
          Limit.seconds(15, 16),
          Limit.seconds(30, 60),
          Limit.seconds(30, 30),
          Duration.ofSeconds(90),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10));

  @Test
  void aNodeThatIsGoneIsToldAndItsExAppsComeBackWithIt() throws Exception {
    try (var hasty = cluster(tenancy.settings(), InCluster.TUNNELS, HASTY)) {
      var runtime = runtimeOf(hasty);
      get(runtime.create(spec(name)));
      get(runtime.start(name));
      // Who binds volumes comes back late after a test that ended the API server.
      await().atMost(Duration.ofSeconds(90)).until(() -> get(runtime.awaitStart(name)).started());
      RealCluster.kill("kubelet");
      try {
        RealCluster.kubectl(
            "wait", "node/node1", "--for=condition=Ready=Unknown", "--timeout=120s");

        var running = get(runtime.awaitStart(name));
        assertThat(running.started()).as(running.toString()).isFalse();
        assertThat(running.health()).isEqualTo("timeout");
        assertThat(running.message()).contains("perhaps its node is gone");

        var other = newName();
        get(runtime.create(spec(other)));
        get(runtime.start(other));
        var next = get(runtime.awaitStart(other));
        assertThat(next.reason()).isEqualTo("Unschedulable");
        assertThat(next.message()).contains("untolerated taint");

        get(runtime.remove(name, true));
        assertThat(get(runtime.find(name))).isEmpty();
        assertFails(runtime.create(spec(name)), Code.BUSY, "is still being deleted");
      } finally {
        RealCluster.start("kubelet");
      }
      RealCluster.kubectl("wait", "node/node1", "--for=condition=Ready", "--timeout=120s");
      await()
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .untilAsserted(() -> get(runtime.create(spec(name))));
      get(runtime.start(name));
      await().atMost(Duration.ofSeconds(90)).until(() -> get(runtime.awaitStart(name)).started());
    }
  }

  @Test
  void withoutASchedulerAStartSaysSo() throws Exception {
    get(runtime().create(spec(name)));
    RealCluster.kill("scheduler");
    try {
      get(runtime().start(name));

      var outcome = get(runtime().awaitStart(name));
      assertThat(outcome.started()).isFalse();
      assertThat(outcome.reason()).isEqualTo("NotScheduled");
      assertThat(outcome.message()).contains("no scheduler");
    } finally {
      RealCluster.start("scheduler");
    }
    await().atMost(Duration.ofSeconds(90)).until(() -> get(runtime().awaitStart(name)).started());
  }

  @Test
  void withoutControllersAStartSaysThatThereIsNoPodAndARemovalEnds() throws Exception {
    try (var hasty = cluster(tenancy.settings(), InCluster.TUNNELS, HASTY)) {
      var runtime = runtimeOf(hasty);
      get(runtime.create(spec(name)));
      RealCluster.kill("controllers");
      try {
        get(runtime.start(name));

        var outcome = get(runtime.awaitStart(name));
        assertThat(outcome.started()).isFalse();
        assertThat(outcome.reason()).isEqualTo("NoPod");
        get(runtime.remove(name, true));
        assertFails(runtime.create(spec(name)), Code.BUSY, "is still being deleted");
      } finally {
        RealCluster.start("controllers");
      }
      await()
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .untilAsserted(() -> get(runtime.create(spec(name))));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "WAIT_FOR_START")
  void withoutItsStoreTheApiServerIsNotWaitedForForEver(Order order) throws Exception {
    order.prepare(runtime(), name);
    try (var terse = cluster(tenancy.settings(), InCluster.TUNNELS, TERSE)) {
      RealCluster.pause("etcd");
      assertFails(
          order.give(runtimeOf(terse), name),
          Code.TIMED_OUT,
          "cluster, ",
          "the API server did not answer in time");
    } finally {
      RealCluster.resume("etcd");
    }
    await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .untilAsserted(() -> get(order.give(runtime(), name)));
  }
}
