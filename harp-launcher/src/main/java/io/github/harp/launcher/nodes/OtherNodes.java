// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.nodes;

import io.github.harp.cluster.HarpCluster;
import io.github.harp.core.InstanceName;
import io.github.harp.core.instance.SharedState;
import io.github.harp.core.key.SharedKey;
import io.github.harp.dialin.NodesAround;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Node;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.operations.NodesView;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.Optional;
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
  public SharedState first() {
    return cluster.first();
  }

  @Override
  public SharedState beside(InstanceName name, SharedKey itsKey) {
    return cluster.beside(name, itsKey);
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
        new NodesView(cluster::findings, cluster::status, entrance::links, entrance::tryLink));
  }
}
