// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.cluster.ClusterNode;
import io.github.harp.cluster.ClusterNode.State;
import io.github.harp.cluster.ClusterStatus;
import io.github.harp.cluster.HarpCluster;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.operations.ClusterView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The other nodes of this gateway, or that it has none: then nothing of {@code harp-cluster} is
 * loaded.
 */
record Nodes(Optional<HarpCluster> cluster) {

  static Nodes of(Configuration configuration, Vertx vertx) {
    return new Nodes(
        configuration
            .nodes()
            .map(
                it ->
                    new HarpCluster(
                        vertx,
                        it,
                        configuration.nextcloud().key(),
                        Version.number(),
                        Clock.systemUTC(),
                        configuration.access().banWindow())));
  }

  Bans share(Bans bans) {
    return cluster.map(it -> it.share(bans)).orElse(bans);
  }

  ExAppRecords share(ExAppRecords records) {
    return cluster.map(it -> it.share(records)).orElse(records);
  }

  OrderLocks locks() {
    return cluster.map(HarpCluster::locks).orElse(OrderLocks.NONE);
  }

  Future<Void> start() {
    return cluster.map(HarpCluster::start).orElse(Future.succeededFuture());
  }

  Future<Void> stop() {
    return cluster.map(HarpCluster::stop).orElse(Future.succeededFuture());
  }

  Optional<ClusterView> view() {
    return cluster.map(
        it -> new ClusterView(() -> it.findings().stream(), () -> json(it.status())));
  }

  private static JsonObject json(ClusterStatus status) {
    var nodes = new JsonArray();
    status.nodes().forEach(node -> nodes.add(json(node)));
    return new JsonObject()
        .put("nodes", nodes)
        .put("joined", status.joined())
        .put("troubles", new JsonArray(status.troubles()))
        .put("heard", status.heard())
        .put("refused", status.refused())
        .put("gaps", status.gaps())
        .put("waiting_bytes", status.waitingBytes())
        .put("left_out", status.leftOut());
  }

  private static JsonObject json(ClusterNode node) {
    return new JsonObject()
        .put("name", node.name())
        .put("state", node.state().name().toLowerCase(Locale.ROOT))
        .put("version", node.version())
        .put("key", node.key())
        .put("silent_seconds", node.silent().toSeconds());
  }

  /** Shows how well this node hears of the others. */
  void watch(MeterRegistry registry) {
    cluster.ifPresent(
        it -> {
          gauge(registry, "works", "1 while this node hears and tells, else 0", it, Nodes::works);
          gauge(
              registry,
              "waiting.bytes",
              "Bytes that wait to be told to other nodes",
              it,
              status -> status.waitingBytes());
          gauge(
              registry,
              "nodes",
              "Nodes with the same key that are there, this one included",
              it,
              Nodes::present);
          counter(registry, "heard", "Events of other nodes", it, status -> status.heard());
          counter(
              registry,
              "refused",
              "Entries that nobody with the key wrote, or not there or then",
              it,
              status -> status.refused());
          counter(
              registry,
              "gaps",
              "How often something may not have been heard",
              it,
              status -> status.gaps());
          counter(
              registry,
              "left.out",
              "Events that were never told, since too many waited",
              it,
              status -> status.leftOut());
        });
  }

  private static double works(ClusterStatus status) {
    return status.joined() && status.troubles().isEmpty() ? 1 : 0;
  }

  private static double present(ClusterStatus status) {
    return status.nodes().stream()
        .filter(it -> it.state() == State.THIS || it.state() == State.PRESENT)
        .count();
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String description,
      HarpCluster cluster,
      ToDoubleFunction<ClusterStatus> value) {
    Gauge.builder("harp.cluster." + name, cluster, it -> value.applyAsDouble(it.status()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private static void counter(
      MeterRegistry registry,
      String name,
      String description,
      HarpCluster cluster,
      ToDoubleFunction<ClusterStatus> value) {
    FunctionCounter.builder("harp.cluster." + name, cluster, it -> value.applyAsDouble(it.status()))
        .description(description)
        .register(registry);
  }
}
