// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.nodes;

import static java.util.stream.Collectors.toMap;

import io.github.harp.cluster.HarpCluster;
import io.github.harp.cluster.KeySpace;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.ClusterNode;
import io.github.harp.core.notice.ClusterNode.State;
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
import io.github.harp.tunnel.link.Links;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
            cluster::status,
            entrance::links));
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
}
