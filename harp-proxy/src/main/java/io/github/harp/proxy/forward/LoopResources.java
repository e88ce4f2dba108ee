// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.proxy.HarpProxyOptions;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Handler;

/** What the requests of one event loop share. */
public final class LoopResources {

  private final EventLoop loop;
  private final HarpProxyOptions.Limits limits;
  private final Deadlines deadlines;
  private final UpstreamPool pool;
  private final OpenTunnels tunnels = new OpenTunnels();

  public LoopResources(EventLoop loop, HarpProxyOptions options) {
    this.loop = loop;
    this.limits = options.limits();
    this.deadlines = new Deadlines(loop, options.timeouts());
    this.pool = new UpstreamPool(deadlines);
  }

  public EventLoop loop() {
    return loop;
  }

  public Deadlines deadlines() {
    return deadlines;
  }

  /** What was upgraded and still runs. */
  public OpenTunnels tunnels() {
    return tunnels;
  }

  UpstreamPool pool() {
    return pool;
  }

  HarpProxyOptions.Limits limits() {
    return limits;
  }

  /** Closes idle connections to upstreams. */
  public void close() {
    pool.close();
  }

  /**
   * The one place where an answer of a seam, which may come on any thread, gets back to the event
   * loop; at once when it is there already.
   */
  public <T> void when(Future<T> future, Handler<Future<T>> handler) {
    if (future.isComplete()) {
      handler.handle(future);
    } else {
      future.onComplete(ignored -> loop.execute(() -> handler.handle(future)));
    }
  }
}
