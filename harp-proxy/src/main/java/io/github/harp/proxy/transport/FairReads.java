// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.util.function.Predicate;

/**
 * Has a connection's next read wait for the tasks of its event loop when these are due. The first
 * in the pipeline, so that every read that is asked for comes by. It does not slow listeners of
 * io_uring, which take all that wait with one such read.
 */
@ChannelHandler.Sharable
final class FairReads extends ChannelOutboundHandlerAdapter {

  static final FairReads ALL = new FairReads(FairLoops::tasksAreDue);

  private final Predicate<EventLoop> tasksAreDue;

  FairReads(Predicate<EventLoop> tasksAreDue) {
    this.tasksAreDue = tasksAreDue;
  }

  @Override
  public void read(ChannelHandlerContext context) {
    var channel = context.channel();
    if (!tasksAreDue.test(channel.eventLoop())) {
      context.read();
      return;
    }
    boolean byItself = channel.config().isAutoRead();
    channel
        .eventLoop()
        .execute(
            () -> {
              // It may have been told to stop meanwhile.
              if (!byItself || channel.config().isAutoRead()) {
                context.read();
              }
            });
  }
}
