// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.server.accept.AcceptFailures;
import io.github.harp.tunnel.server.accept.Transport;
import io.github.harp.tunnel.stream.Relay;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remote ports as TCP ports on 127.0.0.1, for hosts that ask for it. Thread-safe.
 *
 * <p>A user who has sent everything (half-closed) still gets the answer: frp would cut it off, so
 * the end of the user's bytes is not passed on.
 */
public final class LoopbackPorts {

  private final Transport transport;
  private final Map<OpenProxy, Channel> listeners = new ConcurrentHashMap<>();

  LoopbackPorts(Transport transport) {
    this.transport = transport;
  }

  /** Listens on the proxy's port. */
  public Future<Void> open(OpenProxy proxy) {
    return new ServerBootstrap()
        .group(transport.acceptors(), transport.workers())
        .channel(transport.channelType())
        .handler(new AcceptFailures())
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel user) {
                serve(proxy, user);
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.remotePort()))
        .addListener(
            (io.netty.channel.ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listeners.put(proxy, bound.channel());
              }
            });
  }

  private static void serve(OpenProxy proxy, Channel user) {
    Relay relay = new Relay();
    user.pipeline().addLast(relay);
    proxy
        .owner()
        .dial(
            proxy,
            user.eventLoop(),
            (InetSocketAddress) user.remoteAddress(),
            (InetSocketAddress) user.localAddress())
        .addListener(
            (Future<Channel> dialled) -> {
              if (dialled.isSuccess()) {
                relay.join(dialled.getNow());
              } else {
                user.close();
              }
            });
  }

  void close(OpenProxy proxy) {
    Channel listener = listeners.remove(proxy);
    if (listener != null) {
      listener.close();
    }
  }
}
