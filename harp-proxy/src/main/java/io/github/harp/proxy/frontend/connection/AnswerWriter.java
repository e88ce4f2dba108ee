// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.proxy.exchange.Answers;
import io.netty.channel.Channel;

/** Writes an answer to a channel. A head is held, since it may go with all that comes after it. */
public abstract class AnswerWriter implements Answers {

  protected final Channel channel;
  protected boolean unflushed;

  protected AnswerWriter(Channel channel) {
    this.channel = channel;
  }

  protected abstract void writeHeldHead();

  @Override
  public final boolean flush() {
    boolean isDue = unflushed;
    if (isDue) {
      unflushed = false;
      writeHeldHead();
      channel.flush();
    }
    return isDue;
  }
}
