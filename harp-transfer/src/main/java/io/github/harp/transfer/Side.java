// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.transfer.peer.Peer;
import java.io.IOException;

/** What one of the two does over a connection, and over the next one if that is cut. */
interface Side extends AutoCloseable {

  /**
   * Does what is left to do.
   *
   * @return what is done now, in words
   * @throws IOException if the connection is cut, or could be a better one
   * @throws TransferException if it makes no sense to go on
   */
  String over(Peer peer) throws IOException, TransferException, InterruptedException;

  @Override
  void close() throws IOException;
}
