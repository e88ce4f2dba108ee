// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

/**
 * Told how a {@link Transfer} goes, several times a second, on a thread of its own. Characters of
 * files' names are as they are.
 */
public interface TransferWatcher {

  /** Something that is worth a line: what is not sent, for instance. */
  default void note(String text) {}

  /** Nothing moves, and why; again and again while that lasts. */
  default void waits(String reason) {}

  /**
   * Bytes move.
   *
   * @param percent of all bytes that are there
   * @param course how much is there, how fast the rest comes and which way, in words
   * @param now what is being done now
   */
  default void moves(int percent, String course, String now) {}
}
