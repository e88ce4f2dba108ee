// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.DIALS_IN;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.rbac.Role;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.OrderTimes.Limit;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.testing.BrokenWay;
import io.github.harp.kubernetes.testing.InCluster;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.kubernetes.testing.Tenancy;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * Each order while its cluster is in a state that it can't be carried out in: it ends in time, says
 * why, and does what it says when it is given again afterwards.
 */
class HostileStatesTest extends OnARealCluster {

  private final ExAppName name = newName();

  @Override
  Role role() {
    return Tenancy.roleForPolicies();
  }

  enum Order {
    EXISTS {
      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.find(name);
      }
    },
    CREATE {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) {}

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.create(dialingIn(name));
      }
    },
    START {
      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.start(name);
      }
    },
    STOP {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        super.prepare(runtime, name);
        get(runtime.start(name));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.stop(name);
      }
    },
    WAIT_FOR_START {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        super.prepare(runtime, name);
        get(runtime.start(name));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.awaitStart(name);
      }
    },
    REMOVE {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        get(runtime.create(spec(name)));
        get(runtime.expose(exposure(name, Type.CLUSTERIP)));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.remove(name, false);
      }
    },
    REMOVE_DATA {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        REMOVE.prepare(runtime, name);
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.remove(name, true);
      }
    },
    INSTALL_CERTIFICATES {
      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.installCertificates(
            name, new CertificateInstallation(Optional.empty(), true));
      }
    },
    EXPOSE {
      @Override
      void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
        get(runtime.create(spec(name)));
      }

      @Override
      Future<?> give(ExAppRuntime runtime, ExAppName name) {
        return runtime.expose(exposure(name, Type.NODEPORT));
      }
    };

    void prepare(ExAppRuntime runtime, ExAppName name) throws Exception {
      get(runtime.create(dialingIn(name)));
    }

    abstract Future<?> give(ExAppRuntime runtime, ExAppName name);
  }

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

  @Test
  void withATokenThatWasRevokedEachOrderIsRefused() {
    tenancy.admin().serviceAccounts().inNamespace(tenancy.namespace()).withName("harp").delete();

    // The API server believes a token that it has judged for some seconds more.
    for (var order : Order.values()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertFails(
                      order.give(runtime(), newName()),
                      Code.REFUSED,
                      "401 Unauthorized",
                      "the token is not accepted"));
    }
  }

  @Test
  void withoutItsNamespaceEachOrderIsRefused() throws Exception {
    var namespace = tenancy.namespace();
    try (var elsewhere = new Tenancy(role(), true);
        var cluster = cluster(inNamespace(namespace, elsewhere.settings()))) {
      RealCluster.kubectl(
          "create",
          "rolebinding",
          "elsewhere",
          "--role=harp",
          "--serviceaccount=" + elsewhere.namespace() + ":harp",
          "-n",
          namespace);
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> get(runtimeOf(cluster).find(name)).isEmpty());
      RealCluster.kubectl("delete", "namespace", namespace);

      for (var order : Order.values()) {
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertFails(
                        order.give(runtimeOf(cluster), newName()),
                        Code.REFUSED,
                        "403 Forbidden",
                        namespace,
                        "harp doctor"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"EXISTS", "WAIT_FOR_START"})
  void aWebhookThatDoesNotAnswerIsNamed(Order order) throws Exception {
    order.prepare(runtime(), name);
    var hook = tenancy.namespace();
    RealCluster.apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: %1$s}
        webhooks:
          - name: judge.harp.test
            clientConfig: {url: "https://127.0.0.1:1/"}
            rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: [deployments, services, secrets, persistentvolumeclaims, networkpolicies]}]
            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
            failurePolicy: Fail
            sideEffects: None
            timeoutSeconds: 2
            admissionReviewVersions: [v1]
        """
            .formatted(hook));
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertFails(
                      order.give(runtime(), order == Order.CREATE ? newName() : name),
                      Code.REFUSED,
                      "cluster, ",
                      "failed calling webhook \"judge.harp.test\""));
    } finally {
      RealCluster.kubectl("delete", "validatingwebhookconfiguration", hook);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(() -> get(order.give(runtime(), name)));
  }

  @ParameterizedTest
  @EnumSource(names = {"CREATE", "EXPOSE"})
  void aQuotaOfNothingIsToldAndLeavesNothing(Order order) throws Exception {
    order.prepare(runtime(), name);
    var what = order == Order.CREATE ? "persistentvolumeclaims" : "services";
    RealCluster.kubectl(
        "create", "quota", "q", "--hard=count/" + what + "=0", "-n", tenancy.namespace());

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              assertFails(
                  order.give(runtime(), name), Code.REFUSED, "403 Forbidden", "exceeded quota: q");
              assertThat(RealCluster.kubectl("get", what, "-o", "name", "-n", tenancy.namespace()))
                  .isBlank();
            });
  }

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
  void aServiceThatStaysForAWhileIsNotTakenForTheNextOne() throws Exception {
    get(runtime().create(spec(name)));
    get(runtime().expose(exposure(name, Type.CLUSTERIP)));
    // As a provider does, until it has taken its balancer away.
    var service = new Markings(name).deployment();
    finalizers(service, "[\"harp.test/balancer\"]");
    get(runtime().remove(name, false));
    get(runtime().create(spec(name)));

    assertFails(
        runtime().expose(exposure(name, Type.CLUSTERIP)),
        Code.BUSY,
        service + " is still being deleted",
        "try again");
    finalizers(service, "[]");
    var address = get(runtime().expose(exposure(name, Type.CLUSTERIP)));
    assertThat(
            RealCluster.kubectl(
                "get",
                "service",
                service,
                "-n",
                tenancy.namespace(),
                "-o",
                "jsonpath={.spec.clusterIP} {.metadata.deletionTimestamp}"))
        .isEqualTo(address.host() + " ");
  }

  private void finalizers(String service, String finalizers) {
    RealCluster.kubectl(
        "patch",
        "service",
        service,
        "-n",
        tenancy.namespace(),
        "--type=merge",
        "-p={\"metadata\": {\"finalizers\": " + finalizers + "}}");
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

  private static ExAppSpec dialingIn(ExAppName name) {
    return spec(name, RealCluster.IMAGE, ComputeDevice.CPU, DIALS_IN);
  }

  private static ClusterSettings inNamespace(String namespace, ClusterSettings plain) {
    return new ClusterSettings(
        plain.apiServer(), namespace, plain.token(), plain.caFile(), true, plain.standards());
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
