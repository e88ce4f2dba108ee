// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Upstream;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** What is reached through a remote port of the tunnel. */
record TunnelUpstream(TunnelServer server, int port) implements Upstream {

  @Override
  public Future<Channel> connect(EventLoop loop) {
    Promise<Channel> connected = Promise.promise();
    server
        .dial(port, loop)
        .addListener(
            (io.netty.util.concurrent.Future<Channel> dialled) -> {
              if (dialled.isSuccess()) {
                connected.complete(dialled.getNow());
              } else {
                connected.fail(failure(dialled.cause()));
              }
            });
    return connected.future();
  }

  private HarpException failure(Throwable cause) {
    var code =
        cause instanceof TunnelException tunnel && tunnel.code() == TunnelException.Code.TIMEOUT
            ? Code.TIMED_OUT
            : Code.UNREACHABLE;
    return new HarpException(code, this + ": " + HarpException.reasonOf(cause), cause);
  }

  @Override
  public String toString() {
    return "tunnel:" + port;
  }
}
