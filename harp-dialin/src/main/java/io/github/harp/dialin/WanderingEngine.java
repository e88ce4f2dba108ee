// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * An engine whose client dials in at another node when one stops: an order that comes meanwhile
 * waits for it.
 *
 * @param port which its tunnel has
 * @param now where that is now
 */
record WanderingEngine(int port, IntFunction<Upstream> now) implements Upstream {

  /** frp clients dial in again at once, then after 2, 4.5 and 9 seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private static final long LOOK_MS = 200;

  @Override
  public Future<Channel> connect(EventLoop loop) {
    return connect(loop, System.nanoTime());
  }

  private Future<Channel> connect(EventLoop loop, long begun) {
    return now.apply(port)
        .connect(loop)
        .recover(
            failure ->
                failure instanceof HarpException known
                        && known.code() == Code.UNREACHABLE
                        && System.nanoTime() - begun < PATIENCE.toNanos()
                    ? later(loop, begun)
                    : Future.failedFuture(failure));
  }

  private Future<Channel> later(EventLoop loop, long begun) {
    var connected = Promise.<Channel>promise();
    loop.schedule(() -> connect(loop, begun).onComplete(connected), LOOK_MS, TimeUnit.MILLISECONDS);
    return connected.future();
  }

  @Override
  public String toString() {
    return now.apply(port).toString();
  }
}
