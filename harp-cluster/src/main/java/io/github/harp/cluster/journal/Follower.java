// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream from the last entry that it has seen, for ever: a connection that is lost is made
 * again. For one event loop.
 */
final class Follower {

  /** How long the server waits for an entry before it says that there is none. */
  private static final int WAIT_MS = 2_000;

  private static final Duration LIMIT = Duration.ofMillis(WAIT_MS + 3_000);
  private static final long RETRY_MS = 500;
  private static final int MAX_AT_ONCE = 64;

  private final Vertx vertx;
  private final RedisLink link;
  private final Contact contact;
  private final Duration past;
  private final Runnable readToTheEnd;
  private final Runnable missing;
  private final BiConsumer<Response, Duration> reader;

  private String stream = "";
  private @Nullable StreamId last;
  private long serverAheadMs;
  private boolean closed;

  /**
   * @param past how old entries may be that are read at the start
   * @param readToTheEnd told whenever nothing was left to read
   * @param missing told when entries may be gone that were not read
   * @param reader given an entry and how long ago it was written
   */
  Follower(
      Vertx vertx,
      HarpClusterOptions options,
      Contact contact,
      Duration past,
      Runnable readToTheEnd,
      Runnable missing,
      BiConsumer<Response, Duration> reader) {
    this.vertx = vertx;
    this.link = new RedisLink(vertx, options, this::greet);
    this.contact = contact;
    this.past = past;
    this.readToTheEnd = readToTheEnd;
    this.missing = missing;
    this.reader = reader;
  }

  void start(String name) {
    stream = name;
    read();
  }

  Future<Void> close() {
    closed = true;
    return link.close();
  }

  /**
   * What the time is there and, after a restart without its data or a change of the server, whether
   * what we have read last is behind the end: then all there is is new. Where it is there no more,
   * something may have come after it that is not, either.
   */
  private Future<?> greet(RedisConnection connection) {
    return connection
        .send(Request.cmd(Command.TIME))
        .compose(
            time -> {
              var there =
                  TimeUnit.SECONDS.toMillis(time.get(0).toLong())
                      + TimeUnit.MICROSECONDS.toMillis(time.get(1).toLong());
              serverAheadMs = there - nowMs();
              return connection.send(
                  Request.cmd(Command.XRANGE).arg(stream).arg("-").arg("+").arg("COUNT").arg(1));
            })
        .compose(
            oldest ->
                connection
                    .send(
                        Request.cmd(Command.XREVRANGE)
                            .arg(stream)
                            .arg("+")
                            .arg("-")
                            .arg("COUNT")
                            .arg(1))
                    .onSuccess(newest -> goOn(oldest, newest)));
  }

  private void goOn(Response oldest, Response newest) {
    var seen = last;
    if (seen == null) {
      last = new StreamId(Math.max(0, serverAheadMs + nowMs() - past.toMillis()), 0);
    } else if (newest.size() == 0 || idOf(newest.get(0)).compareTo(seen) < 0) {
      last = new StreamId(0, 0);
      missing.run();
    } else if (oldest.size() > 0 && idOf(oldest.get(0)).compareTo(seen) > 0) {
      missing.run();
    }
  }

  private void read() {
    if (closed) {
      return;
    }
    // Known once the connection has greeted.
    link.ask(
            () ->
                Request.cmd(Command.XREAD)
                    .arg("COUNT")
                    .arg(MAX_AT_ONCE)
                    .arg("BLOCK")
                    .arg(WAIT_MS)
                    .arg("STREAMS")
                    .arg(stream)
                    .arg(String.valueOf(last)),
            LIMIT)
        .map(this::take)
        .onSuccess(
            done -> {
              contact.works();
              vertx.runOnContext(it -> read());
            })
        .onFailure(
            failure -> {
              if (!closed) {
                contact.fails(failure);
                vertx.setTimer(RETRY_MS, it -> read());
              }
            });
  }

  private @Nullable Void take(@Nullable Response answer) {
    var entries = answer == null || answer.size() == 0 ? null : answer.get(0).get(1);
    if (entries != null) {
      for (var entry : entries) {
        var id = idOf(entry);
        last = id;
        reader.accept(
            entry.get(1), Duration.ofMillis(Math.max(0, serverAheadMs + nowMs() - id.ms())));
      }
    }
    if (entries == null || entries.size() < MAX_AT_ONCE) {
      readToTheEnd.run();
    }
    return null;
  }

  private static StreamId idOf(Response entry) {
    return StreamId.parse(entry.get(0).toString());
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
