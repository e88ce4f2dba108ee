// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.HarpProxyOptions.Limits.Retries;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Idle connections of one event loop, by upstream; the most recently used first. None stays longer
 * than 4 s, since a common ExApp server closes after 5.
 */
public final class UpstreamPool implements Deadlines.Watched {

  public static final Duration MAX_IDLE = Duration.ofSeconds(4);

  /** For requests that must not be sent twice: hardly ever closed by the other side. */
  public static final Duration FRESH = Duration.ofSeconds(1);

  private static final int MAX_PER_UPSTREAM = 64;
  private static final int MAX_IN_ALL = 512;

  private final LoopResources loop;
  private final Retries retries;
  private final Deadlines deadlines;
  private final Map<Upstream, ArrayDeque<UpstreamConnection>> idle = new HashMap<>();
  private final Map<Upstream, ArrayDeque<PendingConnection>> givenUp = new HashMap<>();
  private Deadlines.@Nullable Registration registration;
  private int size;
  private boolean closed;

  public UpstreamPool(LoopResources loop, Retries retries) {
    this.loop = loop;
    this.retries = retries;
    this.deadlines = loop.deadlines();
  }

  public LoopResources loop() {
    return loop;
  }

  /** How hard a new connection is tried for. */
  Retries retries() {
    return retries;
  }

  /** A connection that has not been idle for longer; null when there is none. */
  @Nullable UpstreamConnection take(Upstream upstream, Duration maxIdle) {
    var connections = idle.get(upstream);
    if (connections == null) {
      return null;
    }
    for (var newest = newestFor(connections, maxIdle);
        newest != null && deadlines.now() - newest.idleSince() <= maxIdle.toNanos();
        newest = newestFor(connections, maxIdle)) {
      connections.removeLastOccurrence(newest);
      size--;
      if (newest.isInStep()) {
        return newest;
      }
      newest.close();
    }
    return null;
  }

  /** What must not be sent twice goes where the last answer has left nothing behind for sure. */
  private static @Nullable UpstreamConnection newestFor(
      ArrayDeque<UpstreamConnection> connections, Duration maxIdle) {
    var newest = connections.peekLast();
    if (newest == null || !newest.mayHaveLeftovers() || maxIdle.compareTo(FRESH) > 0) {
      return newest;
    }
    for (var all = connections.descendingIterator(); all.hasNext(); ) {
      var next = all.next();
      if (!next.mayHaveLeftovers()) {
        return next;
      }
    }
    return null;
  }

  /**
   * Makes a connection, or takes over one that is being made and nobody waits for: requests that
   * come and go by the thousand would else make as many, which keeps the event loop busy and leaves
   * the upstream's address without free ports.
   */
  PendingConnection connect(Upstream upstream, Handler<Future<Channel>> user) {
    var left = givenUp.get(upstream);
    var taken = left == null ? null : left.poll();
    if (taken != null) {
      taken.use(user);
      return taken;
    }
    var attempt = new PendingConnection(upstream);
    attempt.use(user);
    loop.when(
        LoopResources.ask(() -> upstream.connect(loop.loop())), outcome -> end(attempt, outcome));
    return attempt;
  }

  /** Nobody waits for it any more. */
  void giveUp(PendingConnection attempt) {
    if (!attempt.isOver()) {
      attempt.use(null);
      givenUp.computeIfAbsent(attempt.upstream(), key -> new ArrayDeque<>()).add(attempt);
    }
  }

  private void end(PendingConnection attempt, Future<Channel> outcome) {
    if (attempt.end(outcome)) {
      return;
    }
    var upstream = attempt.upstream();
    var left = givenUp.get(upstream);
    if (left != null && left.remove(attempt) && left.isEmpty()) {
      givenUp.remove(upstream);
    }
    if (outcome.succeeded()) {
      UpstreamConnection.over(upstream, outcome.result(), this).release();
    }
  }

  /** Keeps it for the next request, or closes it when there are enough. */
  void put(UpstreamConnection connection) {
    var connections = idle.computeIfAbsent(connection.upstream(), key -> new ArrayDeque<>());
    if (closed
        || size >= MAX_IN_ALL
        || connections.size() >= MAX_PER_UPSTREAM
        || !connection.upstream().isCurrent()) {
      connection.close();
      return;
    }
    connections.addLast(connection);
    size++;
    if (registration == null) {
      registration = deadlines.watch(this);
    }
  }

  /** One that broke while idle. */
  void remove(UpstreamConnection connection) {
    var connections = idle.get(connection.upstream());
    if (connections != null && connections.remove(connection)) {
      size--;
    }
  }

  @Override
  public void check(long now) {
    var tooOld = new ArrayList<UpstreamConnection>();
    for (var of : idle.entrySet()) {
      var connections = of.getValue();
      var isCurrent = of.getKey().isCurrent();
      for (var oldest = connections.peekFirst();
          oldest != null && (!isCurrent || now - oldest.idleSince() > MAX_IDLE.toNanos());
          oldest = connections.peekFirst()) {
        connections.pollFirst();
        size--;
        tooOld.add(oldest);
      }
    }
    idle.values().removeIf(ArrayDeque::isEmpty);
    if (idle.isEmpty() && registration != null) {
      registration.cancel();
      registration = null;
    }
    tooOld.forEach(UpstreamConnection::close);
  }

  /** Closes them, and each that comes back. */
  public void close() {
    closed = true;
    List<UpstreamConnection> all = new ArrayList<>();
    idle.values().forEach(all::addAll);
    idle.clear();
    size = 0;
    all.forEach(UpstreamConnection::close);
  }
}
