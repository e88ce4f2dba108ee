// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.proxy.exchange.LostExApp;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The client connections of one event loop, confined to it; brings them to an end when asked. */
public final class ClientConnections {

  private static final long LOOK_AGAIN_MILLIS = 20;

  /** Time enough for a request to come on a new connection. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A connection that can be asked to end. */
  public interface Endable {

    long BUSY = Long.MAX_VALUE;

    Channel channel();

    /** No further request; it ends itself when those under way are answered. */
    void finishUp();

    /** Whether nothing is under way but upgraded connections and streams of events. */
    boolean isOnlyEndless();

    /**
     * Since when nobody would miss it, in nanoseconds; {@link #BUSY} while something is under way.
     */
    long idleSince();

    /** Ends what is under way to this ExApp. */
    void outOfService(LostExApp exApp);

    /** Closes it, whatever is under way. */
    void cut();
  }

  private final EventLoop loop;
  private final Set<Endable> open = new HashSet<>();
  private volatile boolean ending;
  private boolean finishing;

  public ClientConnections(EventLoop loop) {
    this.loop = loop;
  }

  public void add(Endable connection) {
    open.add(connection);
    connection.channel().closeFuture().addListener(closed -> open.remove(connection));
    if (finishing) {
      loop.execute(connection::finishUp);
    }
  }

  /** It has become something else. */
  public void remove(Endable connection) {
    open.remove(connection);
  }

  /** Closes a share of all, of those that idle for a while: the longest first. */
  public void closeIdle(double share) {
    long now = System.nanoTime();
    var idle =
        open.stream()
            .map(it -> new Idle(it, it.idleSince() == Endable.BUSY ? 0 : now - it.idleSince()))
            .filter(it -> it.nanos > IDLE_NANOS)
            .sorted(Comparator.comparingLong(Idle::nanos).reversed())
            .limit((long) Math.ceil(share * open.size()))
            .toList();
    idle.forEach(it -> it.connection.cut());
  }

  private record Idle(Endable connection, long nanos) {}

  /** Answers say from now on that the connection closes. On any thread. */
  public void announceEnd() {
    ending = true;
  }

  /** Whether answers are to say that the connection closes. */
  public boolean isEnding() {
    return ending;
  }

  /**
   * Lets requests under way end, then cuts upgraded ones and streams of events, and at the end of
   * the grace everything. Completes when no connection is left.
   */
  public Future<Void> finish(Duration grace) {
    Promise<Void> done = Promise.promise();
    long deadline = System.nanoTime() + grace.toNanos();
    loop.execute(
        () -> {
          finishing = true;
          copy().forEach(Endable::finishUp);
          awaitEnd(deadline, done);
        });
    return done.future();
  }

  private void awaitEnd(long deadline, Promise<Void> done) {
    if (open.isEmpty()) {
      done.complete();
      return;
    }
    if (System.nanoTime() >= deadline || open.stream().allMatch(Endable::isOnlyEndless)) {
      copy().forEach(Endable::cut);
    }
    loop.schedule(() -> awaitEnd(deadline, done), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Ends what is under way to an ExApp, on all of them. */
  public void outOfService(LostExApp exApp) {
    copy().forEach(connection -> connection.outOfService(exApp));
  }

  private List<Endable> copy() {
    return new ArrayList<>(open);
  }
}
