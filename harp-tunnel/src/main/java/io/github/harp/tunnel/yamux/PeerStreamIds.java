// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import java.util.HashSet;
import java.util.Set;

/**
 * The ids under which a peer opens streams: odd, and each once.
 *
 * <p>They do not arrive in order: Go takes an id and sends the SYN in two steps, so streams that
 * are opened at the same time overtake each other. An id may therefore be filled in later, within
 * the number of opens that can be under way.
 */
final class PeerStreamIds {

  private static final int MAX_MISSING = 1024;

  private final Set<Integer> missing = new HashSet<>();
  private int highest = -1;

  /** Takes an id for a new stream, which the peer must be allowed to use. */
  void requireNew(int id) throws TunnelException {
    if (!open(id)) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION,
          "a stream is opened as "
              + Integer.toUnsignedString(id)
              + "; expected an odd id that is new");
    }
  }

  /** Takes an id for a new stream; false if the peer may not use it (again). */
  boolean open(int id) {
    if ((id & 1) == 0) {
      return false;
    }
    if (Integer.compareUnsigned(id, highest) <= 0 && highest != -1) {
      return missing.remove(id);
    }
    int skipped = (id - highest) / 2 - 1;
    if (skipped < 0 || missing.size() + skipped > MAX_MISSING) {
      return false;
    }
    for (int between = highest + 2; between != id; between += 2) {
      missing.add(between);
    }
    highest = id;
    return true;
  }

  boolean wasOpened(int id) {
    return (id & 1) == 1
        && highest != -1
        && Integer.compareUnsigned(id, highest) <= 0
        && !missing.contains(id);
  }
}
