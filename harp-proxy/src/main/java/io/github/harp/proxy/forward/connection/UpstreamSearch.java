// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.HarpException;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.loop.Limit;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the upstream of one request and a connection to it, pooled or new. Where it is gets asked
 * again before each further attempt, since it may have moved.
 */
public final class UpstreamSearch {

  /** Who waits for the connection. */
  public interface Seeker {

    /** On whose behalf: clients take turns. */
    InetAddress client();

    /** The search does not end at once: hold back what the client sends. */
    void searching(String upstream);

    void found(UpstreamConnection connection);

    /** All attempts failed: its name does not resolve, or nobody accepts a connection. */
    void unreachable(Failure why);
  }

  private final Origin origin;
  private final UpstreamPool pool;
  private final LoopResources loop;
  private final Seeker seeker;
  private long begunAt;
  private Duration patience = ChronoUnit.FOREVER.getDuration();
  private int failures;

  /** Numbers the questions, so that an answer that comes too late is recognised. */
  private int current;

  private ConnectionQueue.@Nullable Place place;
  private boolean waiting;

  public UpstreamSearch(Origin origin, UpstreamPool pool, Seeker seeker) {
    this.origin = origin;
    this.pool = pool;
    this.loop = pool.loop();
    this.seeker = seeker;
  }

  /**
   * @param maxIdle of a pooled connection; zero for a new one only
   */
  public void start(Duration maxIdle) {
    begunAt = loop.deadlines().now();
    seek(maxIdle);
  }

  private void seek(Duration maxIdle) {
    int asked = ++current;
    waiting = true;
    var upstream = LoopResources.ask(origin::locate);
    if (!upstream.isComplete()) {
      seeker.searching("");
    }
    loop.when(
        upstream,
        located -> {
          if (isCurrent(asked)) {
            located(located, maxIdle);
          }
        });
  }

  /** Whether it is waiting for somebody else, which has a limit. */
  public boolean isWaiting() {
    return waiting;
  }

  /** Nobody wants the connection any more. */
  public void cancel() {
    current++;
    waiting = false;
    if (place != null) {
      place.leave();
      place = null;
    }
  }

  /** The attempt under way takes too long. */
  public void expired() {
    if (place != null) {
      place.despair();
    }
    cancel();
    failed(Kind.CONNECT_TIMEOUT, "not connected within " + Limit.CONNECT);
  }

  private boolean isCurrent(int asked) {
    return asked == current;
  }

  private void located(Future<Upstream> located, Duration maxIdle) {
    if (located.failed()) {
      failed(Kind.NO_UPSTREAM, HarpException.reasonOf(located.cause()));
      return;
    }
    var upstream = located.result();
    var pooled = maxIdle.isZero() ? null : pool.take(upstream, maxIdle);
    if (pooled != null) {
      waiting = false;
      seeker.found(pooled);
      return;
    }
    patience = upstream.patience();
    seeker.searching(upstream.toString());
    int asked = current;
    var joined =
        pool.connect(upstream, seeker.client(), connected -> connected(upstream, connected));
    // It may be over already, and another begun.
    if (isCurrent(asked) && waiting) {
      place = joined;
    }
  }

  private void connected(Upstream upstream, Future<Channel> connected) {
    place = null;
    if (connected.succeeded()) {
      waiting = false;
      seeker.found(UpstreamConnection.over(upstream, connected.result(), pool));
      return;
    }
    boolean isTimeout = HarpException.codeOf(connected.cause()) == HarpException.Code.TIMED_OUT;
    failed(
        isTimeout ? Kind.CONNECT_TIMEOUT : Kind.CONNECT_FAILED,
        HarpException.reasonOf(connected.cause()));
  }

  private void failed(Kind kind, String message) {
    waiting = false;
    if (++failures > pool.retries().most() || hasTriedForLong()) {
      seeker.unreachable(new Failure(kind, message));
      return;
    }
    int asked = ++current;
    loop.loop()
        .schedule(
            () -> {
              if (isCurrent(asked)) {
                seek(Duration.ZERO);
              }
            },
            pool.retries().delay().toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private boolean hasTriedForLong() {
    return Duration.ofNanos(loop.deadlines().now() - begunAt).compareTo(patience) >= 0;
  }
}
