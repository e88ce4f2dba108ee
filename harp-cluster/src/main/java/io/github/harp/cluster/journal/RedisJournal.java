// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.presence.Attendance;
import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.RedisLink;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.notice.SeldomNotices;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream at the servers that all nodes with the same key write and read. While the servers are
 * away what is told waits, within limits.
 */
public final class RedisJournal implements Journal {

  /** Of an entry of the stream: the only one. */
  static final String FIELD = "sealed";

  /** By how much clocks of nodes may differ, with what passes between sealing and writing. */
  private static final Duration TOLERANCE = Duration.ofMinutes(3);

  /** How long a stream is there without a node that keeps it: some may all be away for a while. */
  private static final Duration KEPT = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(RedisJournal.class);

  private final Context context;
  private final Clock clock;
  private final SeldomNotices notices;
  private final Contact reading;
  private final Contact writing;
  private final RedisLink writingLink;
  private final Outbox outbox;
  private final Follower follower;
  private final Sequences sequences = new Sequences();
  private final Delays delays = new Delays(System.nanoTime());
  private final Map<String, Consumer<Heard>> listeners = new ConcurrentHashMap<>();
  private final List<Runnable> missing = new CopyOnWriteArrayList<>();
  private final AtomicLong heard = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();

  private Optional<Seal> seal = Optional.empty();
  private String stream = "";
  private String self = "";

  /** Entries sealed before that were read by everybody who was there: copies, or from afar. */
  private long oldestMs;

  private volatile boolean readOnce;

  /**
   * A journal that is not opened yet: what is told waits.
   *
   * @param past how old what is heard at the start may be
   */
  public RedisJournal(
      Vertx vertx,
      Context context,
      HarpClusterOptions options,
      InstanceName whose,
      Clock clock,
      Duration past,
      Attendance nodes) {
    this.context = context;
    this.clock = clock;
    this.notices = new SeldomNotices(Ticker.systemTicker());
    var servers = options.servers();
    this.reading =
        new Contact(
            whose.mark("reading"),
            servers,
            "this node goes on with what it knows until it is back");
    this.writing =
        new Contact(whose.mark("writing"), servers, "other nodes are told once it is back");
    this.writingLink = new RedisLink(vertx, options, connection -> Future.succeededFuture());
    this.outbox =
        new Outbox(vertx, context, writingLink, clock, writing, past.plus(KEPT), nodes.run());
    nodes.tell(outbox::told, this::compare);
    this.follower =
        new Follower(
            vertx,
            options,
            reading,
            past,
            this::readToTheEnd,
            this::missed,
            () -> refuse("an entry that is too large"),
            this::read);
    this.oldestMs = clock.millis() - past.toMillis() - TOLERANCE.toMillis();
  }

  @Override
  public void listen(String kind, Consumer<Heard> listener) {
    listeners.put(kind, listener);
  }

  @Override
  public void whenMissing(Runnable listener) {
    missing.add(listener);
  }

  @Override
  public void tell(String kind, JsonObject event) {
    outbox.add(event.copy().put("kind", kind).toBuffer());
  }

  /**
   * Reads and writes from now on, whether the servers are there or not. Not on an event loop.
   *
   * @param name of the stream, for those with the same secret
   */
  public Future<Void> open(Seal with, String name) {
    var writer = with.writer(name);
    return onContext(
        () -> {
          seal = Optional.of(with);
          stream = name;
          self = writer.name();
          outbox.start(name, writer);
          follower.start(name);
          return Future.succeededFuture();
        });
  }

  public Future<Void> close() {
    return onContext(
        () -> {
          return outbox
              .close()
              .compose(told -> Future.join(follower.close(), writingLink.close()))
              .mapEmpty();
        });
  }

  /** How this goes; of nodes it knows nothing. */
  public ClusterStatus status(List<String> orphans) {
    return new ClusterStatus(
        readOnce,
        Stream.of(reading.trouble(), writing.trouble()).flatMap(Optional::stream).toList(),
        heard.get(),
        refused.get(),
        gaps.get(),
        outbox.waiting(),
        outbox.leftOut(),
        orphans,
        List.of());
  }

  private Future<Void> onContext(Supplier<Future<Void>> task) {
    var done = Promise.<Void>promise();
    context.runOnContext(it -> task.get().onComplete(done));
    return done.future();
  }

  private void readToTheEnd() {
    readOnce = true;
    oldestMs = clock.millis() - TOLERANCE.toMillis();
  }

  private void missed() {
    gaps.incrementAndGet();
    missing.forEach(Runnable::run);
  }

  private void compare(Map<String, Long> told) {
    if (readOnce && sequences.lacks(told)) {
      missed();
    }
  }

  private void read(Response fields, Duration age) {
    var sealed = fields.size() == 2 ? fields.get(1).toBytes() : new byte[0];
    var opened = seal.flatMap(it -> it.open(stream, sealed));
    if (opened.isEmpty()) {
      refuse("an entry that nobody with this key has written for it");
      return;
    }
    try {
      read(opened.get(), age);
    } catch (RuntimeException e) {
      LOG.error("nodes: what a node told broke this one: this is a defect", e);
    }
  }

  private void read(Seal.Opened entry, Duration age) {
    var content = new JsonObject(Buffer.buffer(entry.content()));
    long at = content.getLong("at", 0L);
    if (at < oldestMs) {
      refuse(
          "an entry of more than "
              + TOLERANCE.toMinutes()
              + " minutes ago: a copy, or of a node whose clock is wrong");
      return;
    }
    var follows = content.getLong("follows", entry.number() - 1);
    // Of an earlier version it has no such name.
    var run = content.getString("run", entry.writer());
    var place = sequences.read(run, follows, entry.number(), readOnce);
    if (place == Sequences.Place.READ_BEFORE) {
      return;
    }
    if (place == Sequences.Place.AFTER_A_GAP || content.getBoolean("incomplete", false)) {
      missed();
    }
    var own = entry.writer().equals(self);
    var heldBack = delays.heldBack(run, clock.millis() - at, System.nanoTime());
    var least = heldBack.compareTo(age) > 0 ? heldBack : age;
    for (var each : content.getJsonArray("events", new JsonArray())) {
      hear((JsonObject) each, least, own, run);
    }
  }

  private void hear(JsonObject each, Duration age, boolean own, String run) {
    var event = each.getJsonObject("event");
    var listener = listeners.get(event.getString("kind", ""));
    if (listener == null) {
      // Of a newer version.
      return;
    }
    if (!own) {
      heard.incrementAndGet();
    }
    try {
      var told = age.plusMillis(Math.max(0, each.getLong("ago", 0L)));
      listener.accept(new Heard(event, told, own, run));
    } catch (RuntimeException e) {
      LOG.error(
          "nodes: {} of another node is not understood: {}",
          event.getString("kind", ""),
          HarpException.reasonOf(e));
    }
  }

  private void refuse(String what) {
    refused.incrementAndGet();
    if (notices.isNew(what)) {
      LOG.warn("nodes: {} has {}; it is ignored", stream, what);
    }
  }
}
