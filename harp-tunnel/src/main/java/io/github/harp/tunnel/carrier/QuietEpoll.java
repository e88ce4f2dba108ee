// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Epoll that is not asked whether a peer has sent the end: a connection finds it where it stands,
 * behind the last byte, as with NIO.
 *
 * <p>Netty's channels ask ({@code EPOLLRDHUP}), and then read all that the peer has left behind at
 * once, paused or not, megabytes of each. A reset while it is paused, too, is found behind them.
 */
record QuietEpoll(IoHandler epoll) implements IoHandler {

  static IoHandlerFactory newFactory() {
    var epoll = EpollIoHandler.newFactory();
    return executor -> new QuietEpoll(epoll.newHandler(executor));
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return new Registration(epoll.register(handle));
  }

  // ---- everything else as it is

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return epoll.run(context);
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  private record Registration(IoRegistration of) implements IoRegistration {

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
}
