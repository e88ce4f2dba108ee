// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.uring.IoUringIoHandler;
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
 *
 * <p>Sockets have a limit as well. Those of io_uring are read again, up to a hundred times, while
 * there is something to read: large answers were read on for seconds for clients that were gone,
 * since whatever tells of that, or ends it, is a task ({@link FairReads}).
 */
final class FairLoops extends MultiThreadIoEventLoopGroup {

  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** After which no socket is read a second time before tasks have run. */
  static final long MOST_SOCKET_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  FairLoops(int threads, ThreadFactory factory, IoHandlerFactory sockets) {
    super(threads, factory, QuietHangUps.in(sockets));
  }

  /**
   * Whether its sockets have had the time that they have before tasks are to run. To be asked in
   * the loop's thread; false for loops of other kinds.
   */
  static boolean tasksAreDue(EventLoop loop) {
    return loop instanceof Loop fair && fair.tasksAreDue();
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory sockets, Object... arguments) {
    return new Loop(this, executor, sockets);
  }

  private static final class Loop extends SingleThreadIoEventLoop {

    private long socketNanos;
    private boolean withSockets;
    private boolean anyRead;
    private long firstReadNanos;

    Loop(FairLoops parent, Executor executor, IoHandlerFactory sockets) {
      super(parent, executor, sockets);
    }

    /**
     * The first who asks in a turn starts the clock: before that it may have waited for sockets.
     */
    boolean tasksAreDue() {
      if (!withSockets) {
        return false;
      }
      long now = ticker().nanoTime();
      if (!anyRead) {
        anyRead = true;
        firstReadNanos = now;
      }
      return now - firstReadNanos > MOST_SOCKET_NANOS;
    }

    @Override
    public boolean isIoType(Class<? extends IoHandler> type) {
      return ((QuietHangUps) ioHandler()).isOf(type);
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
      if (isIoType(IoUringIoHandler.class)) {
        promise.channel().pipeline().addFirst(FairReads.ALL);
      }
      return super.register(promise);
    }

    @Override
    protected int runIo() {
      // Without tasks it may have waited for sockets, which is no work.
      boolean tasksWait = hasTasks();
      long began = tasksWait ? ticker().nanoTime() : 0;
      withSockets = true;
      anyRead = false;
      try {
        return super.runIo();
      } finally {
        withSockets = false;
        socketNanos = tasksWait ? ticker().nanoTime() - began : 0;
      }
    }

    @Override
    protected boolean runAllTasks(long mostNanos) {
      return super.runAllTasks(Math.min(mostNanos, Math.max(LEAST_NANOS, socketNanos)));
    }
  }
}
