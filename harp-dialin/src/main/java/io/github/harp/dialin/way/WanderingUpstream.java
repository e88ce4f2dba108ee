// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.tunnels.Where;
import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What is behind a tunnel whose client dials in at another node when the one that it is at stops:
 * who wants to go there meanwhile waits, for as long as it was there a moment ago.
 *
 * @param at where it was when somebody asked
 */
record WanderingUpstream(TunnelWays ways, int port, Optional<Deployment> exApp, Where at)
    implements Upstream {

  private static final long LOOK_MS = 100;

  @Override
  public Future<Channel> connect(EventLoop loop) {
    return connect(loop, System.nanoTime());
  }

  private Future<Channel> connect(EventLoop loop, long begun) {
    return ways.through(ways.tunnels().at(port), port, exApp)
        .connect(loop)
        .recover(
            failure ->
                HarpException.codeOf(failure) == Code.UNREACHABLE && isAwaited(begun)
                    ? later(loop, begun)
                    : Future.failedFuture(failure));
  }

  private boolean isAwaited(long begun) {
    return System.nanoTime() - begun < patience().toNanos()
        && ways.tunnels().isOpenOrWas(port, patience());
  }

  private Future<Channel> later(EventLoop loop, long begun) {
    var connected = Promise.<Channel>promise();
    loop.schedule(() -> connect(loop, begun).onComplete(connected), LOOK_MS, TimeUnit.MILLISECONDS);
    return connected.future();
  }

  @Override
  public Duration patience() {
    return TunnelWays.PATIENCE;
  }

  @Override
  public boolean isCurrent() {
    return ways.tunnels().at(port).equals(at);
  }

  @Override
  public String toString() {
    return ways.through(at, port, exApp).toString();
  }
}
