// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import java.time.Duration;
import java.util.List;

/**
 * A node that has said that it is there.
 *
 * @param version of its program
 * @param key eight hex digits that nodes with the same shared key have in common
 * @param silent how long it has said nothing
 * @param clockAhead of this node's, as far as that can be seen
 * @param differences in what it serves other Nextclouds than this node
 */
public record ClusterNode(
    String name,
    String version,
    String key,
    State state,
    Duration silent,
    Duration clockAhead,
    List<String> differences) {

  public ClusterNode {
    differences = List.copyOf(differences);
  }

  /** What this node makes of it. */
  public enum State {
    /** It is this one. */
    THIS,
    /** It is there. */
    PRESENT,
    /** It has said nothing for a while: stopped, or cut off. */
    SILENT,
    /** It has another shared key, so it shares nothing with this one. Anybody may say so. */
    OTHER_KEY,
    /** It has the name of this one. */
    SAME_NAME
  }
}
