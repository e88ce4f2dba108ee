// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.visit;

import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.client.straight.StraightVisitor;
import io.github.harp.tunnel.quic.QuicPeer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one owner that does not lead through the server: sought when somebody wants it, or
 * always, and seldom while it is not found. On one event loop, but for {@link #why}.
 */
final class StraightWay {

  private static final Logger LOG = LoggerFactory.getLogger(StraightWay.class);

  /** frpc's, too: a server and an owner are not asked more often. */
  private static final Duration LEAST_BETWEEN = Duration.ofSeconds(10);

  private final TunnelVisitor visitor;
  private final StraightVisitor straight;
  private final EventLoop loop;
  private final Supplier<@Nullable ServerSession> server;
  private final Runnable decided;
  private final Duration mostBetween;
  private @Nullable QuicPeer peer;
  private @Nullable ScheduledFuture<?> next;
  private Duration wait = Duration.ZERO;
  private boolean underWay;
  private boolean wanted;
  private boolean closed;
  private volatile String why = "nobody has wanted it yet";

  /**
   * @param decided told when a try has ended, one way or the other
   */
  StraightWay(
      TunnelVisitor visitor,
      StraightVisitor straight,
      EventLoop loop,
      Supplier<@Nullable ServerSession> server,
      Runnable decided) {
    this.visitor = visitor;
    this.straight = straight;
    this.loop = loop;
    this.server = server;
    this.decided = decided;
    var ways = visitor.straight();
    var hourly = Duration.ofHours(1).dividedBy(ways.mostTriesAnHour());
    var least = ways.leastBetweenTries();
    this.mostBetween = least.compareTo(hourly) > 0 ? least : hourly;
  }

  /** The owner, if there is a way now. */
  @Nullable QuicPeer peer() {
    return peer;
  }

  /** Why there is no way; empty if there is. */
  String why() {
    return why;
  }

  /** Whether the last try has failed: nobody needs to wait for the next. */
  boolean isHopeless() {
    return peer == null && !wait.isZero();
  }

  /** Somebody wants it: it is sought now, or when the last try is long enough ago. */
  void seek() {
    wanted = true;
    if (next == null) {
      tryNow();
    }
  }

  private void tryNow() {
    var session = server.get();
    if (peer != null || underWay || closed || session == null) {
      return;
    }
    wanted = false;
    underWay = true;
    straight
        .visit(session.introducer(), visitor)
        .whenCompleteAsync((owner, failure) -> ended(owner, failure), loop);
  }

  private void ended(@Nullable QuicPeer owner, @Nullable Throwable failure) {
    underWay = false;
    if (owner != null && closed) {
      owner.close();
      return;
    }
    if (owner != null) {
      peer = owner;
      why = "";
      wait = Duration.ZERO;
      LOG.info("visitor {}: goes straight to {}", visitor.name(), visitor.service());
      owner.closed().addListener(gone -> lost());
      pause(LEAST_BETWEEN);
    } else {
      failed(describe(failure));
    }
    decided.run();
  }

  private void failed(String reason) {
    if (!reason.equals(why)) {
      LOG.info("visitor {}: no straight way to {}: {}", visitor.name(), visitor.service(), reason);
    }
    why = reason;
    var doubled = wait.isZero() ? LEAST_BETWEEN : wait.multipliedBy(2);
    wait = doubled.compareTo(mostBetween) > 0 ? mostBetween : doubled;
    pause(wait);
  }

  private static String describe(@Nullable Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
  }

  private void lost() {
    peer = null;
    why = "the way was open and has ended";
    if (!closed) {
      LOG.info("visitor {}: the straight way has ended", visitor.name());
      if (visitor.straight().keptOpen()) {
        seek();
      }
    }
  }

  /** Until then nobody's wish counts; afterwards it is sought again if it is to be kept open. */
  private void pause(Duration time) {
    next =
        loop.schedule(
            () -> {
              next = null;
              if (visitor.straight().keptOpen() || wanted) {
                tryNow();
              }
            },
            time.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
    if (peer != null) {
      peer.close();
    }
  }
}
