// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.cluster.ClusterNode;
import io.github.harp.cluster.ClusterNode.State;
import io.github.harp.cluster.ClusterStatus;
import io.github.harp.cluster.HarpCluster;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.dialin.NodesAround;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Node;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.operations.NodesView;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.NodeCertificates;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway with other nodes beside it. */
record OtherNodes(HarpCluster cluster, Node node, SharedKey key) implements Nodes {

  private static final Logger PROGRESS = LoggerFactory.getLogger(LogOutput.PROGRESS);

  static Nodes at(Node node, Configuration configuration, Vertx vertx) {
    var options = node.options();
    PROGRESS.info("node {}, others by {}", options.node(), options.servers());
    return new OtherNodes(
        new HarpCluster(
            vertx,
            options,
            configuration.first().key(),
            Version.number(),
            Clock.systemUTC(),
            configuration.access().banWindow()),
        node,
        configuration.first().key());
  }

  @Override
  public Bans share(Bans bans) {
    return cluster.share(bans);
  }

  @Override
  public ExAppRecords share(ExAppRecords records) {
    return cluster.share(records);
  }

  @Override
  public OrderLocks locks() {
    return cluster.locks();
  }

  @Override
  public Optional<NodesAround> neighbours(HostNames names) {
    var secret = key.stretched("harp nodes", NodeCertificates.SECRET_BITS);
    return Optional.of(
        new NodesAround(
            cluster.neighbours(),
            node.address(),
            NodeCertificates.of(secret, node.options().node(), Clock.systemUTC()),
            names));
  }

  @Override
  public void keep(CertificateAuthority tunnels) {
    var changed = cluster.keep("certificates", new SameAuthority(tunnels));
    tunnels.onRenewal(names -> changed.run());
  }

  @Override
  public Future<Void> start(int port) {
    return cluster.start(Optional.of(node.reachedAt(port)));
  }

  @Override
  public Future<Void> stop() {
    return cluster.stop();
  }

  @Override
  public Optional<NodesView> view() {
    return Optional.of(
        new NodesView(() -> cluster.findings().stream(), () -> json(cluster.status())));
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

  @Override
  public void watch(MeterRegistry registry) {
    gauge(registry, "works", "1 while this node hears and tells, else 0", OtherNodes::works);
    gauge(
        registry,
        "waiting.bytes",
        "Bytes that wait to be told to other nodes",
        status -> status.waitingBytes());
    gauge(
        registry,
        "nodes",
        "Nodes with the same key that are there, this one included",
        OtherNodes::present);
    counter(registry, "heard", "Events of other nodes", status -> status.heard());
    counter(
        registry,
        "refused",
        "Entries that nobody with the key wrote, or not there or then",
        status -> status.refused());
    counter(
        registry, "gaps", "How often something may not have been heard", status -> status.gaps());
    counter(
        registry,
        "left.out",
        "Events that were never told, since too many waited",
        status -> status.leftOut());
  }

  private static double works(ClusterStatus status) {
    return status.joined() && status.troubles().isEmpty() ? 1 : 0;
  }

  private static double present(ClusterStatus status) {
    return status.nodes().stream()
        .filter(it -> it.state() == State.THIS || it.state() == State.PRESENT)
        .count();
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<ClusterStatus> value) {
    Gauge.builder("harp.cluster." + name, cluster, it -> value.applyAsDouble(it.status()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<ClusterStatus> value) {
    FunctionCounter.builder("harp.cluster." + name, cluster, it -> value.applyAsDouble(it.status()))
        .description(description)
        .register(registry);
  }
}
