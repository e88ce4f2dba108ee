// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** One TLS handshake in memory between two contexts. */
final class Handshake {

  private Handshake() {}

  /** Why it failed at the server, which judges last; null if it succeeded. */
  static @Nullable Throwable failure(SslContext server, SslContext client, String peerName)
      throws Exception {
    try {
      between(server, client, peerName);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  /**
   * What the two agree on.
   *
   * @throws ExecutionException with why they do not
   */
  static SSLSession between(SslContext server, SslContext client, String peerName)
      throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    try {
      var outcome = new CompletableFuture<SSLSession>();
      var address = new LocalAddress(UUID.randomUUID().toString());
      new ServerBootstrap()
          .group(loops)
          .channel(LocalServerChannel.class)
          .childHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel
                      .pipeline()
                      .addLast(server.newHandler(channel.alloc()), new Watcher(outcome, true));
                }
              })
          .bind(address)
          .sync();
      new Bootstrap()
          .group(loops)
          .channel(LocalChannel.class)
          .handler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel
                      .pipeline()
                      .addLast(
                          client.newHandler(channel.alloc(), peerName, 8782),
                          new Watcher(outcome, false));
                }
              })
          .connect(address)
          .sync();
      return outcome.get(30, TimeUnit.SECONDS);
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }

  private static final class Watcher extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<SSLSession> outcome;
    private final boolean decides;

    Watcher(CompletableFuture<SSLSession> outcome, boolean decides) {
      this.outcome = outcome;
      this.decides = decides;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
        return;
      }
      if (!handshake.isSuccess()) {
        outcome.completeExceptionally(handshake.cause());
      } else if (decides) {
        outcome.complete(ctx.pipeline().get(SslHandler.class).engine().getSession());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
