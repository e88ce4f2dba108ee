// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import java.util.List;
import java.util.stream.Stream;

/**
 * How well a node hears of the others now, and what it has heard since it began.
 *
 * @param joined whether everything was read at least once
 * @param troubles why reading or writing do not work; empty while they do
 * @param heard events that other nodes have told
 * @param refused entries that nobody with the key wrote, or not there, or long ago
 * @param gaps how often something may not have been heard
 * @param waitingBytes what is not told yet
 * @param leftOut events that were never told, since too many waited
 * @param orphans ports whose tunnel was at a node that is gone, and is nowhere since, with whose
 *     they are but for the first Nextcloud's
 * @param nodes all that have said within ten minutes that they are there, by name
 */
public record ClusterStatus(
    boolean joined,
    List<String> troubles,
    long heard,
    long refused,
    long gaps,
    long waitingBytes,
    long leftOut,
    List<String> orphans,
    List<ClusterNode> nodes) {

  public ClusterStatus {
    troubles = List.copyOf(troubles);
    orphans = List.copyOf(orphans);
    nodes = List.copyOf(nodes);
  }

  /** This and that of another Nextcloud together. */
  public ClusterStatus and(ClusterStatus other) {
    return new ClusterStatus(
        joined && other.joined,
        both(troubles, other.troubles),
        heard + other.heard,
        refused + other.refused,
        gaps + other.gaps,
        waitingBytes + other.waitingBytes,
        leftOut + other.leftOut,
        both(orphans, other.orphans),
        nodes);
  }

  private static List<String> both(List<String> one, List<String> other) {
    return Stream.concat(one.stream(), other.stream()).distinct().toList();
  }

  /**
   * The same with what is the node's.
   *
   * @param others what else is wrong
   */
  public ClusterStatus with(List<ClusterNode> roster, List<String> others) {
    return new ClusterStatus(
        joined,
        both(troubles, others),
        heard,
        refused,
        gaps,
        waitingBytes,
        leftOut,
        orphans,
        roster);
  }
}
