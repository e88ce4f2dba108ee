// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.HarpProxyOptions.Limits.Retries;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.net.InetAddress;
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
  private final Map<Upstream, ConnectionQueue> awaited = new HashMap<>();
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
   * Waits for a connection that is being made, or is to be made.
   *
   * @param client whose turn it must be
   */
  ConnectionQueue.Place connect(
      Upstream upstream, InetAddress client, Handler<Future<Channel>> user) {
    return awaited
        .computeIfAbsent(upstream, place -> new ConnectionQueue(place, this))
        .join(client, user);
  }

  /** Something was taken out of a queue, perhaps the last that was in it. */
  void emptied(ConnectionQueue queue) {
    if (queue.isEmpty()) {
      awaited.remove(queue.upstream(), queue);
    }
  }

  /** Keeps one that has been made and nobody waits for. */
  void keep(Upstream upstream, Channel made) {
    UpstreamConnection.over(upstream, made, this).release();
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
