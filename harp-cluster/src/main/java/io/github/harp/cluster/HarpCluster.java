// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.cluster.shared.Roster;
import io.github.harp.cluster.shared.SharedFailures;
import io.github.harp.cluster.shared.SharedKept;
import io.github.harp.cluster.shared.SharedLocks;
import io.github.harp.cluster.shared.SharedRecords;
import io.github.harp.cluster.shared.SharedTunnels;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.tunnels.Neighbours;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One of several nodes that share what they know, over Redis or Valkey. Reads are those of the
 * local state; what is written here is told to the others, and what they tell is written to the
 * local state. While the servers are away each node goes on with what it knows.
 *
 * <p>Whoever can write to the servers without having the shared key can keep nodes from hearing of
 * each other, and nothing else: what they tell is sealed.
 *
 * <p>Thread-safe. Started once.
 */
public final class HarpCluster {

  private static final int BITS = 256;

  private final Vertx vertx;
  private final HarpClusterOptions options;
  private final SharedKey key;
  private final Journal journal;
  private final Roster roster;
  private final SharedLocks locks;
  private final SharedTunnels tunnels;
  private final Context context;
  private final List<SharedKept> kept = new ArrayList<>();

  /**
   * A node that has not joined yet.
   *
   * @param key which all nodes have
   * @param version of this program
   * @param banWindow for how long a failure counts: what the others had is heard at the start
   */
  public HarpCluster(
      Vertx vertx,
      HarpClusterOptions options,
      SharedKey key,
      String version,
      Clock clock,
      Duration banWindow) {
    this.vertx = vertx;
    this.options = options;
    this.key = key;
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.journal = new Journal(vertx, context, options, clock, banWindow);
    this.roster = new Roster(vertx, context, options, version, clock);
    this.locks = new SharedLocks(vertx, context, options);
    this.tunnels = new SharedTunnels(vertx, context, journal, roster, clock, options.node());
  }

  /** The same, shared. Before the start. */
  public Bans share(Bans bans) {
    return new Bans(
        share(bans.users()), share(bans.orders()), share(bans.tunnels()), share(bans.bySites()));
  }

  private Failures share(Failures failures) {
    return new SharedFailures(failures, journal);
  }

  /** The same, shared. Before the start. */
  public ExAppRecords share(ExAppRecords records) {
    return new SharedRecords(records, journal);
  }

  /** What keeps orders apart that several nodes are given. */
  public OrderLocks locks() {
    return locks;
  }

  /** With whom tunnels are shared. Before the start. */
  public Neighbours neighbours() {
    return tunnels;
  }

  /**
   * From now on all nodes have the same of this. Before the start.
   *
   * @return to be run when this node has another one
   */
  public Runnable keep(String name, Kept same) {
    var shared = new SharedKept(vertx, context, options, journal, name, same);
    kept.add(shared);
    return shared::changed;
  }

  /**
   * Joins the others, as soon as the servers are there. Complete when it begins to try, and has
   * what they keep, or can't for now.
   *
   * @param reached where they reach this node, if they are to
   */
  public Future<Void> start(Optional<ListenAddress> reached) {
    return vertx
        .executeBlocking(
            () -> {
              var seal = new Seal(key.stretched("harp cluster", BITS));
              var prefix = "harp:{" + seal.name() + "}:";
              roster.open(seal, reached);
              locks.open(seal, prefix + "order:");
              var all = new ArrayList<Future<Void>>();
              all.add(journal.open(seal, prefix + "journal"));
              kept.forEach(each -> all.add(each.open(seal, prefix)));
              return Future.join(all);
            })
        .compose(opening -> opening)
        .mapEmpty();
  }

  /** Leaves them, when what waits is told, or a second later. */
  public Future<Void> stop() {
    kept.forEach(SharedKept::close);
    return Future.join(roster.close(), locks.close(), journal.close()).mapEmpty();
  }

  public ClusterStatus status() {
    return journal.status(
        roster.nodes(),
        tunnels.orphans(),
        Stream.concat(Stream.of(roster.trouble()), kept.stream().map(SharedKept::trouble))
            .flatMap(Optional::stream)
            .toList());
  }

  /** What is right and wrong, for the doctor. */
  public List<Finding> findings() {
    return ClusterFindings.of(options.servers(), status());
  }
}
