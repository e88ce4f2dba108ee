// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.visit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/** What went one way: users, and bytes in both directions. */
final class Tally {

  private final LongAdder users = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  long users() {
    return users.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  /** Counts a user, and what passes the handler. */
  ChannelDuplexHandler user() {
    users.increment();
    return new ChannelDuplexHandler() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        count(message);
        ctx.fireChannelRead(message);
      }

      @Override
      public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        count(message);
        ctx.write(message, promise);
      }
    };
  }

  private void count(Object message) {
    if (message instanceof ByteBuf part) {
      bytes.add(part.readableBytes());
    }
  }
}
