// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.dialin.claims.HeardTunnels;
import io.github.harp.proxy.transport.NettyFutures;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * What is reached through a remote port of the tunnel, provided that it is what was asked for: who
 * has dialled in with a token gets nothing but what is for its own ExApp. Who has the key may serve
 * all.
 *
 * @param realm among whose tunnels the port is one
 * @param exApp whose requests are sent there; empty for an engine, which no token opens
 */
record TunnelUpstream(String realm, TunnelServer server, int port, Optional<Deployment> exApp)
    implements Upstream {

  @Override
  public Future<Channel> connect(EventLoop loop) {
    return NettyFutures.asVertx(dial(loop))
        .recover(cause -> Future.failedFuture(failure(this, cause)));
  }

  io.netty.util.concurrent.Future<Channel> dial(EventLoop loop) {
    return server.dial(realm, port, loop, client -> HeardTunnels.holder(client).mayServe(exApp));
  }

  @Override
  public Duration patience() {
    return TunnelWays.PATIENCE;
  }

  static HarpException failure(Upstream upstream, Throwable cause) {
    var code =
        cause instanceof TunnelException tunnel && tunnel.code() == TunnelException.Code.TIMEOUT
            ? Code.TIMED_OUT
            : Code.UNREACHABLE;
    return new HarpException(code, upstream + ": " + cause.getMessage(), cause);
  }

  @Override
  public String toString() {
    return "tunnel:" + (realm.isEmpty() ? "" : realm + ":") + port;
  }
}
