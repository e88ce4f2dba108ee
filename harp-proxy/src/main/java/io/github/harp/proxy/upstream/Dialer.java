// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static io.github.harp.core.HarpException.Code.UNREACHABLE;

import io.github.harp.core.HarpException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringSocketChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;

/** Opens client sockets with the settings that a proxy wants. */
final class Dialer {

  private static final ChannelHandler UNCLAIMED = new Unclaimed();

  private Dialer() {}

  /**
   * A connected channel that does not read yet, without handlers but for {@link Unclaimed}.
   *
   * @param name of the other end, for messages
   */
  static Future<Channel> dial(
      EventLoop loop,
      Class<? extends Channel> type,
      SocketAddress address,
      Duration timeout,
      String name) {
    Promise<Channel> promise = Promise.promise();
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(type)
            .option(ChannelOption.AUTO_READ, false)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Integer.MAX_VALUE, timeout.toMillis()))
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(UNCLAIMED);
                  }
                });
    if (address instanceof InetSocketAddress) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
    var connecting = bootstrap.connect(address);
    connecting.addListener(
        done -> {
          if (done.isSuccess() && isThere(connecting.channel())) {
            promise.complete(connecting.channel());
          } else if (done.isSuccess()) {
            connecting.channel().close();
            promise.fail(new HarpException(UNREACHABLE, name + ": a firewall refuses it"));
          } else {
            promise.fail(failure(name, timeout, done.cause()));
          }
        });
    return promise.future();
  }

  /**
   * io_uring takes what a firewall refuses, or a cluster's Service without pods, for a connection,
   * and finds out a second later: {@code findings/netty-io-uring-connects-to-refused.sh}.
   */
  private static boolean isThere(Channel channel) {
    if (!(channel instanceof IoUringSocketChannel connected)) {
      return true;
    }
    var socket = new Socket(connected.fd().intValue());
    try {
      return socket.remoteAddress() != null || wasThere(-socket.getSoError());
    } catch (IOException alreadyClosed) {
      return true;
    }
  }

  /** One that the other end has ended at once is nobody's either by now, and no refusal. */
  private static boolean wasThere(int error) {
    return error == Errors.ERRNO_ECONNRESET_NEGATIVE || error == Errors.ERRNO_EPIPE_NEGATIVE;
  }

  /**
   * Ends what is reset before it is handed over, which is no stack trace in the log: native
   * transports read what has failed though nobody asked. Whoever gets the channel puts handlers
   * behind this, and is told from then on.
   */
  @Sharable
  private static final class Unclaimed extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (cause instanceof IOException && ctx.pipeline().last() == this) {
        ctx.close();
      } else {
        ctx.fireExceptionCaught(cause);
      }
    }
  }

  private static HarpException failure(String name, Duration timeout, Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return new HarpException(
          HarpException.Code.TIMED_OUT, name + " did not accept a connection in " + timeout, cause);
    }
    var root = cause.getCause() == null ? cause : cause.getCause();
    return new HarpException(UNREACHABLE, name + ": " + HarpException.reasonOf(root), cause);
  }
}
