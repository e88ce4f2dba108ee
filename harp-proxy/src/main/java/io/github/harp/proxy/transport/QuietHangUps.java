// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Keeps from connections, on epoll and io_uring, that their peers have sent the end: they find it
 * where it stands, behind the last byte, as with NIO.
 *
 * <p>Netty's channels ask to be told ({@code POLLRDHUP}), and then read all that the peer has left
 * behind at once, paused or not: megabytes of each, on io_uring without a word that a read is
 * complete. So whoever sends fast and closes would be who decides how much memory is taken. Of
 * connections that are reset while they are paused see {@link UnreadEnds}.
 */
final class QuietHangUps implements IoHandler {

  /** As Linux numbers the operations of io_uring. */
  private static final byte POLL_ADD = 6;

  /** As Linux numbers the events of poll. */
  private static final int POLLIN = 0x1;

  private static final int POLLOUT = 0x4;
  private static final int POLLRDHUP = 0x2000;

  private final IoHandler sockets;

  private QuietHangUps(IoHandler sockets) {
    this.sockets = sockets;
  }

  static IoHandlerFactory in(IoHandlerFactory sockets) {
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new QuietHangUps(sockets.newHandler(executor));
      }

      @Override
      public boolean isChangingThreadSupported() {
        return sockets.isChangingThreadSupported();
      }
    };
  }

  /** Whether it is of this kind but for being quiet. */
  boolean isOf(Class<? extends IoHandler> kind) {
    return sockets.getClass() == kind;
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    if (handle instanceof EpollIoHandle) {
      return new Epoll(sockets.register(handle));
    }
    return sockets.register(handle instanceof IoUringIoHandle ring ? new IoUring(ring) : handle);
  }

  // ---- everything else as it is

  @Override
  public void initialize() {
    sockets.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return sockets.run(context);
  }

  @Override
  public void prepareToDestroy() {
    sockets.prepareToDestroy();
  }

  @Override
  public void destroy() {
    sockets.destroy();
  }

  @Override
  public void wakeup() {
    sockets.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return sockets.isCompatible(handleType);
  }

  /** Does not ask for it: what is asked for is told again and again. */
  private record Epoll(IoRegistration of) implements IoRegistration {

    @Override
    public long submit(IoOps ops) {
      var wanted = (EpollIoOps) ops;
      var quiet = wanted.without(EpollIoOps.EPOLLRDHUP);
      // With nothing to ask for it would be taken out, and Netty can't put it in again. Errors and
      // the end of both directions are told in any case: once, that way.
      boolean isNothing = quiet.equals(EpollIoOps.NONE) && !wanted.equals(quiet);
      return of.submit(isNothing ? EpollIoOps.EPOLLET : quiet);
    }

    @Override
    public <T> T attachment() {
      return of.attachment();
    }

    @Override
    public boolean isValid() {
      return of.isValid();
    }

    @Override
    public boolean cancel() {
      return of.cancel();
    }
  }

  /** Does not pass it on, be it alone or with what else was asked for: it is told once. */
  private record IoUring(IoUringIoHandle of) implements IoUringIoHandle {

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      var told = (IoUringIoEvent) event;
      boolean isPoll = told.opcode() == POLL_ADD && told.res() > 0;
      if (!isPoll || (told.res() & POLLRDHUP) == 0) {
        of.handle(registration, event);
      } else if ((told.res() & (POLLIN | POLLOUT)) != 0) {
        int quiet = told.res() & ~POLLRDHUP;
        of.handle(
            registration, new IoUringIoEvent(quiet, told.flags(), told.opcode(), told.userData()));
      }
    }

    @Override
    public void registered() {
      of.registered();
    }

    @Override
    public void unregistered() {
      of.unregistered();
    }

    @Override
    public void close() throws Exception {
      of.close();
    }
  }
}
