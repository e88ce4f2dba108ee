// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Event loops that give sockets and tasks the same time when there is too much of both.
 *
 * <p>Netty's own run tasks for up to a second before they look at a socket again, and with work
 * that other loops hand over there are always some: a thousand connections that send through one
 * tunnel kept it from being read, and everybody waited for answers that were there. So tasks have
 * as long as the sockets had in the turn before, and a little at least.
 */
final class FairLoops extends MultiThreadIoEventLoopGroup {

  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  FairLoops(int threads, ThreadFactory factory, IoHandlerFactory sockets) {
    super(threads, factory, sockets);
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory sockets, Object... arguments) {
    return new Loop(this, executor, sockets);
  }

  private static final class Loop extends SingleThreadIoEventLoop {

    private long socketNanos;

    Loop(FairLoops parent, Executor executor, IoHandlerFactory sockets) {
      super(parent, executor, sockets);
    }

    @Override
    protected int runIo() {
      // Without tasks it may have waited for sockets, which is no work.
      if (!hasTasks()) {
        socketNanos = 0;
        return super.runIo();
      }
      long began = ticker().nanoTime();
      try {
        return super.runIo();
      } finally {
        socketNanos = ticker().nanoTime() - began;
      }
    }

    @Override
    protected boolean runAllTasks(long mostNanos) {
      return super.runAllTasks(Math.min(mostNanos, Math.max(LEAST_NANOS, socketNanos)));
    }
  }
}
