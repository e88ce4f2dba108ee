// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import java.util.List;

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
 * @param orphans ports whose tunnel was at a node that is gone, and is nowhere since
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
    List<Integer> orphans,
    List<ClusterNode> nodes) {

  public ClusterStatus {
    troubles = List.copyOf(troubles);
    orphans = List.copyOf(orphans);
    nodes = List.copyOf(nodes);
  }
}
