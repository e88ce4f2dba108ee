// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import io.github.harp.transfer.TransferException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Brings the other peer, as often as it is wanted. One thread at a time, but for closing. */
public interface Rendezvous extends AutoCloseable {

  /**
   * Waits for a connection with the other peer.
   *
   * @return empty if it did not come in time
   * @throws IOException if it has come and gone, or can't be reached now
   * @throws TransferException if it will never do
   */
  Optional<Peer> next(Duration atMost) throws IOException, TransferException, InterruptedException;

  /** Why nobody is there yet, in words; may be empty. */
  String obstacle();

  /** Whether a new connection would go straight where the present one does not. */
  default boolean wouldGoStraight() {
    return false;
  }

  /** Why bytes go through the server, in words; empty if they don't, or nobody knows here. */
  default String whyRelayed() {
    return "";
  }

  @Override
  void close();
}
