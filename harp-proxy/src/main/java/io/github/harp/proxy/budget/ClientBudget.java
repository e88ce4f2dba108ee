// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.notice.SeldomNotices;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all clients of all event loops may make us keep: bytes that they, or their ExApps, do not
 * take, and requests that wait with their heads. Both kinds have a limit that follows from the
 * process's memory. Thread-safe.
 */
public final class ClientBudget {

  private static final Logger LOG = LoggerFactory.getLogger(ClientBudget.class);

  /**
   * Of the memory for buffers: the rest is for reads under way, upgraded connections, and what is
   * pooled.
   */
  private static final int SHARE_OF_BUFFERS = 4;

  /** Of the heap: the rest is for connections, caches and garbage. */
  private static final int SHARE_OF_HEAP = 3;

  private final Budget buffers;
  private final Budget requests;
  private final AtomicLong shed = new AtomicLong();
  private final SeldomNotices notices = new SeldomNotices(Ticker.systemTicker());

  ClientBudget(long bufferBytes, long requestBytes) {
    this.buffers = new Budget("bytes that are not taken", bufferBytes, 2 * bufferBytes);
    this.requests =
        new Budget("requests and their heads", requestBytes, requestBytes + requestBytes / 4);
  }

  /** For a process that does little else. */
  public static ClientBudget ofThisProcess() {
    return new ClientBudget(
        PlatformDependent.maxDirectMemory() / SHARE_OF_BUFFERS,
        Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /** Bytes of answers that clients, and of bodies that ExApps do not take. */
  public Budget buffers() {
    return buffers;
  }

  /** Requests under way and their heads, on the heap. */
  public Budget requests() {
    return requests;
  }

  /** Whether there is no room for anything new. */
  public boolean isExhausted() {
    return buffers.isExhausted() || requests.isExhausted();
  }

  /** How many clients have been cut off to make room. */
  public long shed() {
    return shed.get();
  }

  void countShed(Budget short_) {
    long count = shed.incrementAndGet();
    if (notices.isNew(ClientBudget.class)) {
      LOG.warn(
          "{}, which is the limit: the largest that do not move are cut off, {} so far",
          short_,
          count);
    }
  }
}
