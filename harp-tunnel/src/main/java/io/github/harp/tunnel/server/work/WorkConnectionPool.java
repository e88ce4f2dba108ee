// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.work;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The streams that a client keeps open for users to come, and the users who wait for one. Belongs
 * to the event loop of the client's control connection.
 *
 * <p>The client opens a stream when asked with {@code ReqWorkConn} and says nothing if it cannot,
 * so requests are counted and forgotten after a while. A stream that nobody asked for is refused.
 */
public final class WorkConnectionPool {

  private static final int MAX_WAITING = 4_096;
  private static final int MAX_GROWTH = 10;

  private final EventExecutor loop;
  private final Duration timeout;
  private final Runnable requestOne;
  private final int mostIdle;
  private final ArrayDeque<WorkConnection> idle = new ArrayDeque<>();
  private final Map<EventExecutor, Set<Promise<WorkConnection>>> waiting = new LinkedHashMap<>();
  private final ArrayDeque<Long> requestedNanos = new ArrayDeque<>();
  private int waitingCount;
  private int wantedIdle;
  private volatile int idleCount;
  private boolean closed;

  /**
   * @param wantedIdle how many streams to keep ready; grows a little when users had to wait
   * @param requestOne sends one {@code ReqWorkConn}
   */
  public WorkConnectionPool(
      EventExecutor loop, int wantedIdle, Duration timeout, Runnable requestOne) {
    this.loop = loop;
    this.wantedIdle = wantedIdle;
    this.mostIdle = wantedIdle + MAX_GROWTH;
    this.timeout = timeout;
    this.requestOne = requestOne;
  }

  /**
   * A stream for one user; fails if the client opens none in time.
   *
   * @param users where this user lives with others: such places take turns
   */
  public Future<WorkConnection> take(EventExecutor users) {
    Promise<WorkConnection> promise = loop.newPromise();
    if (closed) {
      return promise.setFailure(new TunnelException(Code.CLOSED, "the tunnel is closed"));
    }
    WorkConnection ready = pollActive();
    if (ready != null) {
      promise.setSuccess(ready);
    } else if (waitingCount >= MAX_WAITING) {
      promise.setFailure(
          new TunnelException(
              Code.LIMIT_REACHED, MAX_WAITING + " users wait for the tunnel's client already"));
    } else {
      wantedIdle = Math.min(wantedIdle + 1, mostIdle);
      await(promise, users);
    }
    request();
    return promise;
  }

  private void await(Promise<WorkConnection> promise, EventExecutor users) {
    waiting.computeIfAbsent(users, place -> new LinkedHashSet<>()).add(promise);
    waitingCount++;
    Future<?> limit =
        loop.schedule(
            () ->
                promise.tryFailure(
                    new TunnelException(
                        Code.TIMEOUT,
                        "the client opened no work connection within "
                            + timeout.toSeconds()
                            + " s")),
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
    promise.addListener(
        done -> {
          limit.cancel(false);
          remove(promise, users);
        });
  }

  private void remove(Promise<WorkConnection> promise, EventExecutor users) {
    waiting.computeIfPresent(
        users,
        (place, promises) -> {
          waitingCount -= promises.remove(promise) ? 1 : 0;
          return promises.isEmpty() ? null : promises;
        });
  }

  private @Nullable WorkConnection pollActive() {
    WorkConnection next = idle.poll();
    while (next != null && !next.channel().isActive()) {
      next = idle.poll();
    }
    idleCount = idle.size();
    return next;
  }

  /** Parks a stream that the client has opened; false if it was not asked for. */
  public boolean offer(WorkConnection stream) {
    boolean requested = requestedNanos.poll() != null;
    if (closed) {
      return false;
    }
    if (serve(stream)) {
      return true;
    }
    if (!requested && idle.size() >= wantedIdle) {
      return false;
    }
    idle.add(stream);
    idleCount = idle.size();
    return true;
  }

  /** A stream was taken for a user who left before it was used. */
  public void putBack(WorkConnection stream) {
    if (closed) {
      stream.channel().close();
    } else if (!serve(stream)) {
      idle.addFirst(stream);
      idleCount = idle.size();
    }
  }

  /** Gives the stream to whoever has waited longest where it is the turn; false if nobody waits. */
  private boolean serve(WorkConnection stream) {
    for (var user = pollWaiting(); user != null; user = pollWaiting()) {
      if (user.trySuccess(stream)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Promise<WorkConnection> pollWaiting() {
    var places = waiting.entrySet().iterator();
    if (!places.hasNext()) {
      return null;
    }
    var place = places.next();
    places.remove();
    var users = place.getValue();
    var user = users.iterator().next();
    users.remove(user);
    waitingCount--;
    if (!users.isEmpty()) {
      waiting.put(place.getKey(), users);
    }
    return user;
  }

  /** A parked stream has been closed by the client. */
  public void remove(WorkConnection stream) {
    idle.remove(stream);
    idleCount = idle.size();
  }

  /** Asks for as many streams as are missing. */
  public void request() {
    long now = loop.ticker().nanoTime();
    while (!requestedNanos.isEmpty() && now - requestedNanos.peek() > timeout.toNanos()) {
      requestedNanos.poll();
    }
    int missing = wantedIdle + waitingCount - idle.size() - requestedNanos.size();
    for (int i = 0; i < missing; i++) {
      requestedNanos.add(now);
      requestOne.run();
    }
  }

  /** Streams that are ready, readable from any thread. */
  public int idleCount() {
    return idleCount;
  }

  public void close() {
    closed = true;
    for (WorkConnection stream = idle.poll(); stream != null; stream = idle.poll()) {
      stream.channel().close();
    }
    for (var user = pollWaiting(); user != null; user = pollWaiting()) {
      user.tryFailure(new TunnelException(Code.CLOSED, "the tunnel's client is gone"));
    }
  }
}
