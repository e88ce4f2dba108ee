// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.RedisLink;
import io.github.harp.cluster.redis.TooLargeException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.Optional;
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

  private static final String ENDS =
      "local function id(found) return found[1] and found[1][1] or '' end"
          + " return {id(redis.call('xrange', KEYS[1], ARGV[1], '+', 'COUNT', 1)),"
          + " id(redis.call('xrevrange', KEYS[1], '+', '-', 'COUNT', 1))}";

  private final Vertx vertx;
  private final RedisLink link;
  private final Contact contact;
  private final Duration past;
  private final Runnable readToTheEnd;
  private final Runnable missing;
  private final Runnable tooLarge;
  private final BiConsumer<Response, Duration> reader;

  private String stream = "";
  private @Nullable StreamId last;
  private int atOnce = MAX_AT_ONCE;
  private long serverAheadMs;
  private boolean closed;

  /**
   * @param past how old entries may be that are read at the start
   * @param readToTheEnd told whenever nothing was left to read
   * @param missing told when entries may be gone that were not read
   * @param tooLarge told of an entry that is passed over
   * @param reader given an entry and how long ago it was written
   */
  Follower(
      Vertx vertx,
      HarpClusterOptions options,
      Contact contact,
      Duration past,
      Runnable readToTheEnd,
      Runnable missing,
      Runnable tooLarge,
      BiConsumer<Response, Duration> reader) {
    this.vertx = vertx;
    this.link = new RedisLink(vertx, options, this::greet);
    this.contact = contact;
    this.past = past;
    this.readToTheEnd = readToTheEnd;
    this.missing = missing;
    this.tooLarge = tooLarge;
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
              return connection.send(ends("-"));
            })
        .map(this::goOn);
  }

  /** Of the first entry from there and the last of all what they are called, and not what is in. */
  private Request ends(String from) {
    return Request.cmd(Command.EVAL).arg(ENDS).arg(1).arg(stream).arg(from);
  }

  private static Optional<StreamId> end(Response ends, int which) {
    var id = ends.get(which).toString();
    return id.isEmpty() ? Optional.empty() : Optional.of(StreamId.parse(id));
  }

  private @Nullable Void goOn(Response ends) {
    var oldest = end(ends, 0);
    var newest = end(ends, 1);
    var seen = last;
    if (seen == null) {
      last = new StreamId(Math.max(0, serverAheadMs + nowMs() - past.toMillis()), 0);
    } else if (newest.isEmpty() || newest.get().compareTo(seen) < 0) {
      last = new StreamId(0, 0);
      missing.run();
    } else if (oldest.isPresent() && oldest.get().compareTo(seen) > 0) {
      missing.run();
    }
    return null;
  }

  /** The next one is too large to be read: nobody of ours wrote it. */
  private Future<?> skip() {
    var seen = last;
    return seen == null
        ? Future.succeededFuture()
        : link.ask(() -> ends(seen.next().toString()), LIMIT)
            .onSuccess(
                ends -> {
                  end(ends, 0).ifPresent(id -> last = id);
                  tooLarge.run();
                });
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
                    .arg(atOnce)
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
                again(failure).onComplete(done -> vertx.setTimer(RETRY_MS, it -> read()));
              }
            });
  }

  /** Many are not read at once, and one that is too large not at all. */
  private Future<?> again(Throwable failure) {
    if (!(failure instanceof TooLargeException)) {
      return Future.succeededFuture();
    }
    var wasOne = atOnce == 1;
    atOnce = 1;
    return wasOne ? skip() : Future.succeededFuture();
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
    if (entries == null || entries.size() < atOnce) {
      atOnce = MAX_AT_ONCE;
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
