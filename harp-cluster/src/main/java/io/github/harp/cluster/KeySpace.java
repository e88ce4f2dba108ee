// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import io.github.harp.cluster.journal.RedisJournal;
import io.github.harp.cluster.presence.Attendance;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.cluster.shared.SharedFailures;
import io.github.harp.cluster.shared.SharedLocks;
import io.github.harp.cluster.shared.SharedRecords;
import io.github.harp.cluster.shared.SharedTunnels;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.SharedState;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.tunnels.Neighbours;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * What nodes share of one Nextcloud: under names of its own at the servers, and sealed under a key
 * that is derived from its own, so that nobody who has another one's key reads or writes it.
 * Thread-safe. Opened and closed once.
 */
public final class KeySpace implements SharedState {

  private static final int BITS = 256;

  private final HarpCluster cluster;
  private final InstanceName name;
  private final SharedKey key;
  private final Attendance nodes;
  private final SharedLocks locks;
  private final SharedTunnels tunnels;
  final RedisJournal journal;
  private final CatchUp catchUp;

  KeySpace(HarpCluster cluster, InstanceName name, SharedKey key) {
    this.cluster = cluster;
    this.name = name;
    this.key = key;
    this.nodes = cluster.roster.of(name);
    this.journal =
        new RedisJournal(
            cluster.vertx,
            cluster.context,
            cluster.options,
            name,
            cluster.clock,
            cluster.banWindow,
            nodes);
    this.catchUp = new CatchUp(cluster.vertx, cluster.context, name, journal, nodes);
    this.locks = new SharedLocks(cluster.vertx, cluster.context, cluster.options);
    this.tunnels =
        new SharedTunnels(cluster.context, journal, nodes, cluster.clock, cluster.options.node());
    catchUp.awaits(tunnels);
  }

  /** Of one beside the first what is its own. */
  @Override
  public Bans share(Bans bans) {
    return name.isFirst()
        ? new Bans(
            share(bans.users()), share(bans.orders()), share(bans.tunnels()), share(bans.bySites()))
        : new Bans(share(bans.users()), bans.orders(), bans.tunnels(), share(bans.bySites()));
  }

  private Failures share(Failures failures) {
    var shared = new SharedFailures(failures, journal, cluster.context, nodes, cluster.banWindow);
    catchUp.awaits(shared.question());
    return shared;
  }

  @Override
  public ExAppRecords share(ExAppRecords records) {
    return new SharedRecords(records, journal);
  }

  @Override
  public OrderLocks locks() {
    return locks;
  }

  @Override
  public Optional<Neighbours> neighbours() {
    return Optional.of(tunnels);
  }

  /** Joins those who serve it, too, as soon as the servers are there. */
  @Override
  public Future<Void> open() {
    return cluster.vertx.executeBlocking(this::seal, false).compose(this::open);
  }

  @Override
  public Future<Void> caughtUp(Duration atMost) {
    return catchUp.within(atMost);
  }

  Seal seal() {
    return new Seal(key.stretched("harp cluster", BITS));
  }

  static String prefix(Seal seal) {
    return "harp:{" + seal.name() + "}:";
  }

  Future<Void> open(Seal seal) {
    nodes.open(seal.name());
    locks.open(seal, prefix(seal) + "order:");
    return journal.open(seal, prefix(seal) + "journal");
  }

  /** Leaves them, when what waits is told, or a few seconds later. */
  @Override
  public Future<Void> close() {
    cluster.left(this);
    nodes.close();
    return Future.join(locks.close(), journal.close()).mapEmpty();
  }

  ClusterStatus status() {
    return journal.status(
        tunnels.orphans().stream().map(port -> name.mark(String.valueOf(port))).toList());
  }
}
