// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.carrier.ServerSockets;
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
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
final class LoopbackPorts {

  private final ServerSockets sockets;
  private final Map<OpenProxy, Channel> listeners = new ConcurrentHashMap<>();

  LoopbackPorts(ServerSockets sockets) {
    this.sockets = sockets;
  }

  /** Listens on the proxy's port. */
  Future<Void> open(OpenProxy.Tcp proxy) {
    return sockets
        .listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel user) {
                user.config().setAutoRead(false);
                user.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                serve(proxy, user);
              }
            })
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listeners.put(proxy, bound.channel());
              }
            });
  }

  private static void serve(OpenProxy proxy, Channel user) {
    Relay relay = new Relay();
    user.pipeline().addLast(relay);
    var who =
        new Dialling.User(
            (InetSocketAddress) user.remoteAddress(), (InetSocketAddress) user.localAddress());
    new Dialling(proxy, user.eventLoop(), who).start(relay, user);
  }

  void close(OpenProxy proxy) {
    Channel listener = listeners.remove(proxy);
    if (listener != null) {
      listener.close();
    }
  }
}
