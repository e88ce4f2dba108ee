// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.journal.Seal;
import io.github.harp.cluster.shared.SharedFailures;
import io.github.harp.cluster.shared.SharedRecords;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.records.ExAppRecords;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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

  /**
   * A node that has not joined yet.
   *
   * @param key which all nodes have
   * @param banWindow for how long a failure counts: what the others had is heard at the start
   */
  public HarpCluster(
      Vertx vertx, HarpClusterOptions options, SharedKey key, Clock clock, Duration banWindow) {
    this.vertx = vertx;
    this.options = options;
    this.key = key;
    var context = ((VertxInternal) vertx).createEventLoopContext();
    this.journal = new Journal(vertx, context, options, clock, banWindow);
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

  /** Joins the others, as soon as the servers are there. Complete when it begins to try. */
  public Future<Void> start() {
    return vertx
        .executeBlocking(
            () -> {
              var seal = new Seal(key.stretched("harp cluster", BITS));
              return journal.open(seal, "harp:{" + seal.name() + "}:journal");
            })
        .compose(opening -> opening);
  }

  /** Leaves them; what was not told by now never is. */
  public Future<Void> stop() {
    return journal.close();
  }

  public ClusterStatus status() {
    return journal.status();
  }

  /** What is right and wrong, for the doctor. */
  public List<Finding> findings() {
    var status = status();
    var findings = new ArrayList<Finding>();
    for (var trouble : status.troubles()) {
      findings.add(
          Finding.failure(
              options.servers() + ": " + trouble,
              "nodes do not hear of each other's failures and bans, nor of what AppAPI tells one of"
                  + " them; each serves on with what it knows",
              "look after Redis, or correct HP_CLUSTER_URL, HP_CLUSTER_PASSWORD_FILE and"
                  + " HP_CLUSTER_CA_FILE"));
    }
    if (status.refused() > 0) {
      findings.add(
          Finding.warning(
              status.refused() + " entries were refused since the start",
              "somebody without the key writes to the keys of HaRP, or the clock of a node is wrong"
                  + " by minutes",
              "give HaRP a user of its own there, and set the clocks of all nodes by NTP"));
    }
    if (status.leftOut() > 0) {
      findings.add(
          Finding.warning(
              status.leftOut() + " events were not told to other nodes since the start",
              "too many waited while Redis was away: others lack failures, and have asked Nextcloud"
                  + " for the records anew",
              "keep Redis up, or see who fails so often"));
    }
    if (findings.isEmpty()) {
      findings.add(
          status.joined()
              ? Finding.ok(options.servers() + " answers, " + status.heard() + " events heard")
              : Finding.note(
                  options.servers() + ": not everything is read yet",
                  "this node has just started and may not know all failures yet"));
    }
    return findings;
  }
}
