// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.util.concurrent.Ticker;

/**
 * The bytes that one stream keeps for its reader, and whether that reader fetches any. Belongs to
 * the stream's event loop.
 */
public final class Holding {

  /** Fetching less is no sign of life. */
  private static final int SIZEABLE_BYTES = HeldBytes.PIECE_BYTES;

  private final HeldBytes all;
  private final Ticker ticker;
  private int bytes;
  private int fetchedBytes;
  private long movedAtNanos;

  public Holding(HeldBytes all, Ticker ticker) {
    this.all = all;
    this.ticker = ticker;
  }

  public void keep(int more) {
    if (bytes == 0) {
      moved();
    }
    bytes += more;
    all.keep(more);
  }

  public void release(int fewer) {
    bytes -= fewer;
    all.keep(-fewer);
    fetchedBytes += fewer;
    if (fetchedBytes >= SIZEABLE_BYTES) {
      moved();
    }
  }

  private void moved() {
    fetchedBytes = 0;
    movedAtNanos = ticker.nanoTime();
  }

  public int bytes() {
    return bytes;
  }

  /** Why a stream is reset that {@link #isStale}. */
  public static TunnelException nobodyReads() {
    return new TunnelException(
        Code.LIMIT_REACHED,
        "the reader of this stream fetched nothing while the memory for slow readers was used up");
  }

  /** Whether bytes lie here that nobody has fetched for so long. */
  public boolean isStale(long patienceNanos) {
    return bytes >= all.least() && ticker.nanoTime() - movedAtNanos >= patienceNanos;
  }
}
