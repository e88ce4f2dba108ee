// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

/**
 * Something that is made once and then the same at all nodes, secrets included. Of two that were
 * made all nodes have to say of the same one that it counts. Called on threads that may block.
 */
public interface Kept {

  /** What this node has. Of more than 65,496 bytes the others get nothing, and it is said why. */
  byte[] own();

  /**
   * Other nodes have this. It is taken if it counts.
   *
   * @return whether what this node has counts, so that the others are to have that
   */
  boolean offered(byte[] theirs);
}
