// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.proxy.budget.SparingReads;
import io.netty.channel.Channel;

/**
 * So that nobody's turn on the event loop is long: a connection that brings very many requests in
 * one read, as only those of HTTP/2 and pipelined ones of HTTP/1 can, is read little at a time.
 * Confined to the event loop.
 */
public final class Pace {

  private static final int MANY_REQUESTS = 4;
  private static final int LITTLE_BYTES = 256;

  private final Channel channel;
  private int begun;
  private boolean slow;

  /**
   * @param isSlow until it is known what comes in a read
   */
  public Pace(Channel channel, boolean isSlow) {
    this.channel = channel;
    slow(isSlow);
  }

  private void slow(boolean wanted) {
    if (slow != wanted) {
      slow = wanted;
      SparingReads.limit(channel, wanted ? LITTLE_BYTES : Integer.MAX_VALUE);
    }
  }

  /** A request has come. */
  public void begun() {
    begun++;
  }

  /** The read that brought them is over. */
  public void readComplete() {
    slow(begun > MANY_REQUESTS);
    begun = 0;
  }
}
