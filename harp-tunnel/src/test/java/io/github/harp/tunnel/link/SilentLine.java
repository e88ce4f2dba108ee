// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import io.github.harp.tunnel.carrier.SocketKind;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A line to a port of loopback that can fall silent as one does whose cable is cut: nothing comes
 * through any more, neither bytes nor ends, on whatever connections there are.
 */
final class SilentLine implements AutoCloseable {

  private static final SocketKind KIND = SocketKind.best();

  private final EventLoopGroup loops = KIND.newLoops(1, "silent-line");
  private final Channel listener;
  private volatile boolean silent;

  SilentLine(InetSocketAddress to) {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(KIND.serverChannel())
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel near) {
                    connect(near, to);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  void fallSilent() {
    silent = true;
  }

  void speakAgain() {
    silent = false;
  }

  private void connect(Channel near, InetSocketAddress to) {
    new Bootstrap()
        .group(near.eventLoop())
        .channel(KIND.tcpChannel())
        .option(ChannelOption.AUTO_READ, false)
        .handler(new End(near))
        .connect(to)
        .addListener(
            (ChannelFuture connected) -> {
              near.pipeline().addLast(new End(connected.channel()));
              near.config().setAutoRead(true);
              connected.channel().config().setAutoRead(true);
            });
  }

  private final class End extends ChannelInboundHandlerAdapter {
    private final Channel other;
    private boolean isCut;

    End(Channel other) {
      this.other = other;
    }

    /** Once cut it takes nothing, so that whoever sends more has it unsent. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
      isCut |= silent;
      if (isCut) {
        ReferenceCountUtil.release(bytes);
        ctx.channel().config().setAutoRead(false);
      } else {
        other.writeAndFlush(bytes);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!isCut && !silent) {
        other.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
