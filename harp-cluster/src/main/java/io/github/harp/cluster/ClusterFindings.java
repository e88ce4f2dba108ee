// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import io.github.harp.cluster.redis.ServerFacts;
import io.github.harp.cluster.redis.ServerWatch;
import io.github.harp.core.notice.ClusterNode;
import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.notice.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is to be said of a node's place among the others.
 *
 * @param version of this node's program
 */
record ClusterFindings(RedisServers servers, ServerWatch server, String version) {

  /** Where clocks differ by more, it won't be long until a node is not believed. */
  private static final Duration NOTABLE = Duration.ofMinutes(1);

  List<Finding> of(ClusterStatus status) {
    var findings = new ArrayList<Finding>();
    for (var trouble : status.troubles()) {
      findings.add(
          Finding.failure(
              servers + ": " + trouble,
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
    if (!status.orphans().isEmpty()) {
      findings.add(
          Finding.warning(
              "ports " + status.orphans() + ": their tunnels were at a node that is gone",
              "nobody has dialled in for them since: these ExApps and engines are not reached",
              "see that clients reach the tunnel port of all nodes by one address, through the"
                  + " balancer, and that they run"));
    }
    server.facts().flatMap(ServerFacts::evicts).map(this::evicting).ifPresent(findings::add);
    status.nodes().forEach(node -> of(node).ifPresent(findings::add));
    if (findings.isEmpty()) {
      findings.add(
          status.joined()
              ? Finding.ok(servers + program() + " answers, nodes " + names(status))
              : Finding.note(
                  servers + ": not everything is read yet",
                  "this node has just started and may not know all failures yet"));
    }
    server.refusal().map(this::silent).ifPresent(findings::add);
    status.nodes().stream().filter(this::isOtherVersion).map(this::other).forEach(findings::add);
    return findings;
  }

  private String program() {
    return server.facts().map(it -> " (" + it.program() + ")").orElse("");
  }

  private Finding evicting(String policy) {
    return Finding.warning(
        servers + ": maxmemory-policy " + policy,
        "when its memory is full it throws away what nodes have told each other, and locks of"
            + " orders that are being carried out",
        "CONFIG SET maxmemory-policy noeviction, or volatile-lru where others use it as a cache");
  }

  private Finding silent(String reason) {
    return Finding.note(
        servers + ": " + reason,
        "so it is not known whether it may throw away what nodes tell each other; ACL SETUSER …"
            + " +info lets doctor see");
  }

  private boolean isOtherVersion(ClusterNode node) {
    return node.state() == ClusterNode.State.PRESENT && !node.version().equals(version);
  }

  private Finding other(ClusterNode node) {
    return Finding.note(
        "node " + node.name() + ": version " + node.version() + ", this one " + version,
        "they understand each other as far as both know what is told; give all the same soon");
  }

  private static List<String> names(ClusterStatus status) {
    return status.nodes().stream().map(ClusterNode::name).toList();
  }

  private static Optional<Finding> of(ClusterNode node) {
    return switch (node.state()) {
      case THIS -> Optional.empty();
      case PRESENT ->
          node.clockAhead().abs().compareTo(NOTABLE) > 0
              ? Optional.of(wrongClock(node))
              : Optional.of(node)
                  .filter(it -> !it.differences().isEmpty())
                  .map(ClusterFindings::otherClouds);
      case SILENT ->
          Optional.of(
              Finding.warning(
                  "node " + node.name() + ": nothing heard for " + node.silent().toSeconds() + " s",
                  "it was killed, or can't reach Redis; it is forgotten after ten minutes",
                  "start it again, or look at its log"));
      case OTHER_KEY ->
          Optional.of(
              Finding.warning(
                  "node " + node.name() + ": has another shared key (" + node.key() + ")",
                  "it shares nothing with this one: failures, bans and records are each its own",
                  "set the same HP_SHARED_KEY at all nodes; where it belongs to another Nextcloud,"
                      + " give that one a Redis, or a database, of its own"));
      case SAME_NAME ->
          Optional.of(
              Finding.failure(
                  "node " + node.name() + ": another one has this name, too",
                  "the list of nodes shows now this one, now that",
                  "set HP_CLUSTER_NODE to a name that no other node has"));
    };
  }

  private static Finding otherClouds(ClusterNode node) {
    return Finding.warning(
        "node " + node.name() + ": other Nextclouds: " + String.join(", ", node.differences()),
        "what the balancer sends to a node that does not serve it is refused there, and its tunnels"
            + " are reached from nowhere else",
        "give all nodes the same HP_INSTANCES_FILE, and send each SIGHUP when it has changed");
  }

  private static Finding wrongClock(ClusterNode node) {
    return Finding.warning(
        "node " + node.name() + ": its clock is " + node.clockAhead().toSeconds() + " s ahead",
        "beyond two minutes nodes no longer believe each other",
        "set the clocks of all nodes by NTP");
  }
}
