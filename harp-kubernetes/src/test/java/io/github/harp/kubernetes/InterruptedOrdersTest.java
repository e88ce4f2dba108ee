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
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.testing.BrokenWay;
import io.github.harp.kubernetes.testing.RealCluster;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Orders that lose their API server at one of their calls, and orders of who was lost himself. */
class InterruptedOrdersTest extends InAHostileState {

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "WAIT_FOR_START")
  void anOrderIsLeftAtEachOfItsCallsAndGivenAgain(Order order) throws Exception {
    try (var way = new BrokenWay(vertx);
        var cluster = cluster(reachedBy(way))) {
      for (var carriesOut : new boolean[] {false, true}) {
        for (int call = 1; isLeftAt(call, carriesOut, order, way, runtimeOf(cluster)); call++) {}
      }
    }
  }

  /** False when the order had fewer calls than that. */
  private boolean isLeftAt(
      int call, boolean carriesOut, Order order, BrokenWay way, ExAppRuntime through)
      throws Exception {
    var other = newName();
    order.prepare(runtime(), other);
    way.breakAt(call, carriesOut);
    var given = order.give(through, other);
    await().atMost(Duration.ofSeconds(100)).until(given::isComplete);
    if (!way.isBroken()) {
      assertThat(given.succeeded()).isTrue();
      assertThat(call).as("calls of the order").isGreaterThan(1);
      return false;
    }
    var what = order + " left at call " + call + (carriesOut ? ", carried out" : "");
    assertThat(given.failed()).as(what).isTrue();
    assertFails(given, Code.UNREACHABLE, "cluster, ", "the API server can't be reached");
    way.mend();
    get(order.give(through, other));
    return true;
  }

  @Test
  void whoDidNotOutliveACreateIsFollowedByOneThatDoes() throws Exception {
    for (var carriesOut : new boolean[] {false, true}) {
      for (int call = 1; isFollowed(call, carriesOut); call++) {}
    }
  }

  /** False when the order had fewer calls than that: then only its answer was lost. */
  private boolean isFollowed(int call, boolean carriesOut) throws Exception {
    var other = newName();
    try (var way = new BrokenWay(vertx);
        var crashes = cluster(reachedBy(way))) {
      way.breakAt(call, carriesOut);
      var given = runtimeOf(crashes).create(dialingIn(other));
      await().atMost(Duration.ofSeconds(100)).until(given::isComplete);

      get(runtime().create(dialingIn(other)));
      assertThat(get(runtime().start(other))).isTrue();

      way.mend();
      assertFails(runtimeOf(crashes).create(dialingIn(other)), Code.CONFLICT, "already exists");
      get(runtime().stop(other));
      assertFails(runtimeOf(crashes).create(dialingIn(other)), Code.CONFLICT, "already exists");
      return given.failed();
    }
  }

  @Test
  void aWaitForAStartGoesOnAfterwards() throws Exception {
    try (var way = new BrokenWay(vertx);
        var cluster = patient(reachedBy(way))) {
      for (int call = 1; call <= 3; call++) {
        var name = newName();
        get(runtime().create(spec(name)));
        way.breakAt(call, false);
        var waits = runtimeOf(cluster).awaitStart(name);
        await().atMost(Duration.ofSeconds(60)).until(way::isBroken);
        way.mend();
        get(runtime().start(name));
        assertThat(get(waits).started()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "WAIT_FOR_START")
  void theApiServerIsKilledWhileItHasAnOrder(Order order) throws Exception {
    order.prepare(runtime(), name);
    RealCluster.pause("apiserver");
    var given = order.give(runtime(), name);
    RealCluster.kill("apiserver");
    try {
      assertFails(given, Code.UNREACHABLE, "cluster, ", "the API server can't be reached");
    } finally {
      RealCluster.start("apiserver");
    }
    await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(() -> RealCluster.kubectl("get", "--raw", "/readyz").contains("ok"));
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(() -> get(order.give(runtime(), name)));
  }

  private ClusterSettings reachedBy(BrokenWay way) {
    var plain = tenancy.settings();
    return new ClusterSettings(
        Optional.of(way.url()),
        plain.namespace(),
        plain.token(),
        plain.caFile(),
        true,
        plain.standards());
  }
}
