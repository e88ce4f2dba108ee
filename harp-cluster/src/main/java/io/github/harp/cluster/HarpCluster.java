// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import io.github.harp.cluster.presence.Roster;
import io.github.harp.cluster.redis.ServerWatch;
import io.github.harp.cluster.shared.SharedKept;
import io.github.harp.core.InstanceName;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.notice.Finding;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
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

  final Vertx vertx;
  final HarpClusterOptions options;
  final Clock clock;
  final Duration banWindow;
  final Context context;
  final Roster roster;
  private final ServerWatch server;
  private final String version;
  private final KeySpace first;
  private final List<KeySpace> further = new CopyOnWriteArrayList<>();
  private final List<SharedKept> kept = new ArrayList<>();

  /**
   * A node that has not joined yet.
   *
   * @param key which all nodes have, that of the first Nextcloud
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
    this(vertx, options, key, version, clock, banWindow, System::nanoTime);
  }

  /** The same with another time by which others are silent. */
  HarpCluster(
      Vertx vertx,
      HarpClusterOptions options,
      SharedKey key,
      String version,
      Clock clock,
      Duration banWindow,
      LongSupplier nanos) {
    this.vertx = vertx;
    this.options = options;
    this.clock = clock;
    this.banWindow = banWindow;
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.roster = new Roster(vertx, context, options, version, clock, nanos);
    this.server = new ServerWatch(vertx, context, options);
    this.version = version;
    this.first = new KeySpace(this, InstanceName.FIRST, key);
  }

  /** What is shared of the first Nextcloud; opened and closed with this node. */
  public KeySpace first() {
    return first;
  }

  /** The same of another one, until it is closed, with those nodes that serve it, too. */
  public KeySpace beside(InstanceName name, SharedKey key) {
    var space = new KeySpace(this, name, key);
    further.add(space);
    return space;
  }

  /** Where a node that is there is reached by others. */
  public Optional<ListenAddress> addressOf(String node) {
    return roster.addressOf(node);
  }

  /** One of the further Nextclouds is served no more. */
  void left(KeySpace space) {
    further.remove(space);
  }

  /**
   * From now on all nodes have the same of this. Before the start.
   *
   * @return to be run when this node has another one
   */
  public Runnable keep(String name, Kept same) {
    var shared = new SharedKept(vertx, context, options, first.journal, name, same);
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
              var seal = first.seal();
              roster.open(seal, reached);
              server.open();
              var all = new ArrayList<Future<Void>>();
              all.add(first.open(seal));
              kept.forEach(each -> all.add(each.open(seal, KeySpace.prefix(seal))));
              return Future.join(all);
            })
        .compose(opening -> opening)
        .mapEmpty();
  }

  /** Leaves them, when what waits is told, or a second later. */
  public Future<Void> stop() {
    kept.forEach(SharedKept::close);
    return Future.join(roster.close(), server.close(), first.close()).mapEmpty();
  }

  public ClusterStatus status() {
    return spaces()
        .map(KeySpace::status)
        .reduce(ClusterStatus::and)
        .orElseThrow()
        .with(
            roster.nodes(),
            Stream.concat(Stream.of(roster.trouble()), kept.stream().map(SharedKept::trouble))
                .flatMap(Optional::stream)
                .toList());
  }

  private Stream<KeySpace> spaces() {
    return Stream.concat(Stream.of(first), further.stream());
  }

  /** What is right and wrong, for the doctor. */
  public List<Finding> findings() {
    return new ClusterFindings(options.servers(), server, version).of(status());
  }
}
