// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.nodes;

import static java.util.stream.Collectors.toMap;

import io.github.harp.cluster.ClusterNode;
import io.github.harp.cluster.ClusterNode.State;
import io.github.harp.cluster.ClusterStatus;
import io.github.harp.cluster.HarpCluster;
import io.github.harp.cluster.KeySpace;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.dialin.NodesAround;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Node;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.operations.NodesView;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.link.LinkStatus;
import io.github.harp.tunnel.link.Links;
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
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway with other nodes beside it. */
record OtherNodes(HarpCluster cluster, Node node, SharedKey key) implements Nodes {

  private static final Duration LINK_PATIENCE = Duration.ofSeconds(5);
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

  /** What is shared at the servers. */
  private record InKeySpace(KeySpace space) implements SharedState {

    @Override
    public Bans share(Bans bans) {
      return space.share(bans);
    }

    @Override
    public ExAppRecords share(ExAppRecords records) {
      return space.share(records);
    }

    @Override
    public OrderLocks locks() {
      return space.locks();
    }

    @Override
    public Optional<Neighbours> neighbours() {
      return Optional.of(space.neighbours());
    }

    @Override
    public Future<Void> open() {
      return space.open();
    }

    @Override
    public Future<Void> close() {
      return space.close();
    }
  }

  @Override
  public SharedState first() {
    return new InKeySpace(cluster.first());
  }

  @Override
  public SharedState beside(InstanceName name, SharedKey itsKey) {
    return new InKeySpace(cluster.beside(name, itsKey));
  }

  @Override
  public Optional<NodesAround> neighbours(HostNames names) {
    var secret = key.stretched("harp nodes", NodeCertificates.SECRET_BITS);
    return Optional.of(
        new NodesAround(
            cluster::addressOf,
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
  public Optional<NodesView> view(TunnelEntrance entrance) {
    return Optional.of(
        new NodesView(
            () -> Stream.concat(cluster.findings().stream(), links(entrance)),
            () -> json(cluster.status(), entrance.links())));
  }

  /** Tries the way to each of them; may block. */
  private Stream<Finding> links(TunnelEntrance entrance) {
    var tried =
        cluster.status().nodes().stream()
            .filter(it -> it.state() == State.PRESENT)
            .collect(toMap(ClusterNode::name, it -> entrance.tryLink(it.name())));
    return tried.entrySet().stream()
        .flatMap(
            it -> trouble(it.getValue()).map(trouble -> noLink(it.getKey(), trouble)).stream());
  }

  private static Optional<String> trouble(Future<Void> tried) {
    try {
      tried
          .toCompletionStage()
          .toCompletableFuture()
          .get(LINK_PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(HarpException.reasonOf(HarpException.rootOf(e)));
    } catch (TimeoutException e) {
      return Optional.of("no answer within " + LINK_PATIENCE.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private static Finding noLink(String node, String trouble) {
    return Finding.failure(
        "node " + node + " is not reached: " + trouble,
        "requests that come in here for ExApps and engines that have dialled in there fail",
        "let nodes connect to each other's HP_CLUSTER_ADDRESS (port "
            + Links.DEFAULT_PORT
            + "), and set HP_CLUSTER_ADVERTISE there to where others reach it");
  }

  private static JsonObject json(ClusterStatus status, List<LinkStatus> links) {
    var nodes = new JsonArray();
    status
        .nodes()
        .forEach(
            node -> {
              var shown = json(node);
              links.stream()
                  .filter(link -> link.node().equals(node.name()))
                  .forEach(link -> shown.put("link", json(link)));
              nodes.add(shown);
            });
    return new JsonObject()
        .put("nodes", nodes)
        .put("joined", status.joined())
        .put("troubles", new JsonArray(status.troubles()))
        .put("heard", status.heard())
        .put("refused", status.refused())
        .put("gaps", status.gaps())
        .put("waiting_bytes", status.waitingBytes())
        .put("left_out", status.leftOut())
        .put("orphans", new JsonArray(status.orphans()));
  }

  private static JsonObject json(LinkStatus link) {
    return new JsonObject()
        .put("connected", link.connected())
        .put("streams", link.streams())
        .put("trouble", link.trouble());
  }

  private static JsonObject json(ClusterNode node) {
    return new JsonObject()
        .put("name", node.name())
        .put("state", node.state().name().toLowerCase(Locale.ROOT))
        .put("version", node.version())
        .put("key", node.key())
        .put("silent_seconds", node.silent().toSeconds())
        .put("differences", new JsonArray(node.differences()));
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
