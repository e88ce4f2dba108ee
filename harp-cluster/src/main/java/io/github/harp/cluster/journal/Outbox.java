// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.RedisLink;
import io.github.harp.cluster.redis.Seal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this node has to tell: kept until the servers have it, in order, several events in one
 * entry. Where more waits than {@link #MAX_WAITING_BYTES}, the newest are left out, and the others
 * are told that something is.
 */
final class Outbox {

  /**
   * Twenty thousand failures, or the records of some hundred ExApps. So much and {@link
   * #MAX_ENTRY_BYTES} are the most that an entry may be, if there is one event in it that is as
   * large: half of what a node with the smallest heap reads.
   */
  static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;

  private static final int BYTES_BESIDE = 100;
  private static final int MAX_ENTRY_EVENTS = 32;
  private static final int MAX_ENTRY_BYTES = 64 * 1024;

  /** Old entries go; with pauses of {@link #GATHER_MS} that is five minutes of three busy nodes. */
  private static final String MAX_ENTRIES = "20000";

  /** Between two entries: what happens meanwhile goes into one. */
  private static final long GATHER_MS = 20;

  private static final long RETRY_MS = 500;

  /** How often the stream is told anew for how long it is to be there. */
  private static final long KEEP_MS = 600_000;

  /** Whoever starts reads more than that, if it is there. */
  private static final Duration RECENT = Duration.ofMinutes(1);

  /** For one entry, and for what waits when this node stops. */
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** What is to be told, as JSON. */
  private record Waiting(Buffer event, long since) {}

  private final Vertx vertx;
  private final Context context;
  private final RedisLink link;
  private final Clock clock;
  private final Contact contact;
  private final Duration kept;
  private final String run;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean busy = new AtomicBoolean(true);
  private final AtomicBoolean incomplete = new AtomicBoolean();
  private final AtomicLong leftOut = new AtomicLong();

  private String stream = "";
  private Seal.@Nullable Writer writer;
  private List<Waiting> entry = List.of();
  private boolean entryIsIncomplete;

  /** How many entries were sealed before this one was for the first time. */
  private long entryFollows;

  private long seals;

  private long told;
  private long toldAt;

  private final Promise<Void> ended = Promise.promise();
  private boolean closing;
  private boolean closed;

  /** Whether the stream has been told how long it is to be there, since this node began. */
  private boolean isKept;

  /**
   * @param kept how long the stream is there when nobody keeps it any more
   * @param run what other nodes know this one by
   */
  Outbox(
      Vertx vertx,
      Context context,
      RedisLink link,
      Clock clock,
      Contact contact,
      Duration kept,
      String run) {
    this.vertx = vertx;
    this.context = context;
    this.link = link;
    this.clock = clock;
    this.contact = contact;
    this.kept = kept;
    this.run = run;
  }

  /** On the context. What was added before goes first. */
  void start(String name, Seal.Writer by) {
    stream = name;
    writer = by;
    send();
    vertx.setTimer(KEEP_MS, it -> keep());
  }

  /** Also while there is nothing to tell, as long as this node is there. */
  private void keep() {
    if (!closed) {
      keepOn().onComplete(done -> vertx.setTimer(KEEP_MS, it -> keep()));
    }
  }

  private Future<?> keepOn() {
    isKept = true;
    return link.ask(() -> Request.cmd(Command.EXPIRE).arg(stream).arg(kept.toSeconds()), LIMIT)
        .onFailure(
            failure -> {
              if (!closed) {
                contact.fails(failure);
              }
            });
  }

  /** On any thread; never waits. */
  void add(Buffer event) {
    var bytes = event.length() + BYTES_BESIDE;
    if (waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES) {
      waitingBytes.addAndGet(-bytes);
      leftOut.incrementAndGet();
      incomplete.set(true);
      return;
    }
    waiting.add(new Waiting(event, System.nanoTime()));
    sendUnlessBusy();
  }

  long waiting() {
    return waitingBytes.get();
  }

  long leftOut() {
    return leftOut.get();
  }

  /** The number of the last entry that is there; zero where that was long ago. On the context. */
  long told() {
    return System.nanoTime() - toldAt < RECENT.toNanos() ? told : 0;
  }

  /** On the context. Ends when what waits is told, or soon. */
  Future<Void> close() {
    if (writer == null || contact.trouble().isPresent()) {
      end();
    } else {
      closing = true;
      vertx.setTimer(LIMIT.toMillis(), it -> end());
      sendUnlessBusy();
    }
    return ended.future();
  }

  private void end() {
    closed = true;
    ended.tryComplete();
  }

  private void sendUnlessBusy() {
    if (busy.compareAndSet(false, true)) {
      context.runOnContext(it -> send());
    }
  }

  private void send() {
    var by = writer;
    if (closed || by == null) {
      return;
    }
    if (entry.isEmpty()) {
      entry = next();
      entryIsIncomplete = incomplete.getAndSet(false);
      entryFollows = seals;
    }
    if (entry.isEmpty()) {
      busy.set(false);
      if (closing && waiting.isEmpty()) {
        end();
      }
      if (!waiting.isEmpty()) {
        sendUnlessBusy();
      }
      return;
    }
    // Anew each time: what it says of its age is to be right when it arrives at last.
    seals++;
    var content = Buffer.buffer(by.seal(content().toBuffer().getBytes()));
    link.ask(
            () ->
                Request.cmd(Command.XADD)
                    .arg(stream)
                    .arg("MAXLEN")
                    .arg("~")
                    .arg(MAX_ENTRIES)
                    .arg("*")
                    .arg(RedisJournal.FIELD)
                    .arg(content),
            LIMIT)
        .onSuccess(
            id -> {
              contact.works();
              told = seals;
              toldAt = System.nanoTime();
              entry = List.of();
              if (!isKept) {
                keepOn();
              }
              if (closing) {
                send();
              } else {
                vertx.setTimer(GATHER_MS, it -> send());
              }
            })
        .onFailure(
            failure -> {
              if (!closed) {
                contact.fails(failure);
                vertx.setTimer(RETRY_MS, it -> send());
              }
            });
  }

  private List<Waiting> next() {
    var taken = new ArrayList<Waiting>();
    var bytes = 0;
    for (var next = waiting.peek();
        next != null && taken.size() < MAX_ENTRY_EVENTS && bytes < MAX_ENTRY_BYTES;
        next = waiting.peek()) {
      taken.add(next);
      bytes += next.event().length();
      waiting.remove();
      waitingBytes.addAndGet(-next.event().length() - BYTES_BESIDE);
    }
    return taken;
  }

  private JsonObject content() {
    var now = System.nanoTime();
    var events = new JsonArray();
    for (var each : entry) {
      var ago = TimeUnit.NANOSECONDS.toMillis(now - each.since());
      events.add(new JsonObject().put("ago", ago).put("event", new JsonObject(each.event())));
    }
    var content =
        new JsonObject()
            .put("at", clock.millis())
            .put("run", run)
            .put("follows", entryFollows)
            .put("events", events);
    return entryIsIncomplete ? content.put("incomplete", true) : content;
  }
}
