// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.presence;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.InstanceName;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.notice.ClusterNode;
import io.github.harp.core.notice.ClusterNode.State;
import io.github.harp.core.notice.Excerpt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that use these servers: each says every two seconds that it is there, whatever its key
 * is. Thread-safe.
 */
public final class Roster {

  private static final long BEAT_MS = 900;

  /** Eight beats. */
  private static final Duration SILENCE = Duration.ofSeconds(7);

  /**
   * After so many looks without a sign of life what a node has is nobody's any more: five seconds
   * after the last at most. While the servers are away nobody looks.
   */
  private static final int LOOKS = 4;

  /** Who has said nothing for so long is taken out by whoever notices. */
  private static final Duration GONE = Duration.ofMinutes(10);

  private static final int MAX_SHOWN = 64;
  private static final int RUN_BYTES = 8;

  private final Vertx vertx;
  private final Context context;
  private final HarpClusterOptions options;
  private final String version;
  private final Clock clock;
  private final LongSupplier nanos;
  private final NodeList list;
  private final Contact contact;
  private final Map<String, Seen> seen = new HashMap<>();

  private @Nullable Seal seal;
  private Seal.@Nullable Writer writer;
  private volatile List<ClusterNode> nodes = List.of();
  private volatile Map<String, ListenAddress> addresses = Map.of();
  private String address = "";
  private String key = "";
  private boolean hasSpoken;
  private boolean closed;

  private final String run = newRun();

  /** The Nextclouds that this node serves. */
  private final List<Attendance> own = new ArrayList<>();

  /** How often was looked since without news, by process. */
  private final Map<String, Integer> looksSince = new HashMap<>();

  /** What was said last under a name, and when. */
  private record Seen(String text, Beat beat, long at) {}

  /**
   * A list that is not read yet.
   *
   * @param clock what this node says the time is
   * @param nanos as {@link System#nanoTime}: for how long others are silent
   */
  public Roster(
      Vertx vertx,
      Context context,
      HarpClusterOptions options,
      String version,
      Clock clock,
      LongSupplier nanos) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.version = version;
    this.clock = clock;
    this.nanos = nanos;
    this.list = new NodeList(vertx, options);
    this.contact =
        new Contact("the list of nodes", options.servers(), "what it said last is shown");
  }

  private static String newRun() {
    var bytes = new byte[RUN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Who serves this Nextcloud; this node does once that is opened. */
  public Attendance of(InstanceName name) {
    return new Attendance(this, name);
  }

  void onContext(Runnable task) {
    context.runOnContext(it -> task.run());
  }

  void add(Attendance served) {
    own.add(served);
  }

  void remove(Attendance served) {
    own.remove(served);
  }

  private boolean isAlive(String process) {
    return looksSince.getOrDefault(process, LOOKS) < LOOKS;
  }

  private List<Beat> present() {
    return seen.values().stream().map(Seen::beat).filter(beat -> isAlive(beat.run())).toList();
  }

  /** Where a node that lives is reached by others. */
  public Optional<ListenAddress> addressOf(String node) {
    return Optional.ofNullable(addresses.get(node));
  }

  /**
   * Says from now on that this node is there. Not on an event loop.
   *
   * @param reached where others reach it
   */
  public void open(Seal with, Optional<ListenAddress> reached) {
    var by = with.writer(place(options.node()));
    context.runOnContext(
        it -> {
          seal = with;
          writer = by;
          key = with.name();
          address = reached.map(ListenAddress::toString).orElse("");
          beat();
        });
  }

  /** This node is there no more. */
  public Future<Void> close() {
    var done = Promise.<Void>promise();
    context.runOnContext(
        it -> {
          closed = true;
          leave().transform(left -> list.close()).onComplete(done);
        });
    return done.future();
  }

  /** Nobody waits for servers that are away. */
  private Future<?> leave() {
    return contact.trouble().isPresent() ? Future.succeededFuture() : list.leave();
  }

  /** All, by name. */
  public List<ClusterNode> nodes() {
    return nodes;
  }

  public Optional<String> trouble() {
    return contact.trouble();
  }

  private void beat() {
    var by = writer;
    if (closed || by == null) {
      return;
    }
    // First what the others say: under this name, too.
    list.read()
        .compose(
            all -> {
              read(all);
              tell();
              return closed ? Future.failedFuture("stops") : list.say(text(by));
            })
        .onSuccess(
            said -> {
              contact.works();
              hasSpoken = true;
            })
        .onFailure(
            failure -> {
              if (!closed) {
                contact.fails(failure);
              }
            })
        .onComplete(
            done -> {
              judge();
              vertx.setTimer(BEAT_MS, it -> beat());
            });
  }

  private String text(Seal.Writer by) {
    var serves = new JsonObject();
    own.forEach(each -> serves.put(each.name().text(), each.word().text()));
    var content =
        new JsonObject()
            .put("at", clock.millis())
            .put("version", version)
            .put("run", run)
            .put("address", address)
            .put("serves", serves);
    return new JsonObject()
        .put("version", version)
        .put("key", key)
        .put("sealed", by.seal(content.encode().getBytes(UTF_8)))
        .encode();
  }

  private void read(Map<String, String> said) {
    var now = nanos.getAsLong();
    if (!hasSpoken) {
      // Of an earlier run.
      said.remove(options.node());
    }
    seen.keySet().retainAll(said.keySet());
    looksSince.replaceAll((process, looks) -> looks + 1);
    said.forEach(
        (name, text) -> {
          var before = seen.get(name);
          var beat =
              before != null && before.text().equals(text) ? before.beat() : beat(name, text);
          if (before == null || beat.isNewerThan(before.beat()) && beat != before.beat()) {
            seen.put(name, new Seen(text, beat, now));
            looksSince.put(beat.run(), 0);
          } else if (now - before.at() > GONE.toNanos()) {
            list.remove(name);
          }
        });
  }

  private Beat beat(String name, String text) {
    return Beat.read(
        text,
        bytes -> Optional.ofNullable(seal).flatMap(it -> it.open(place(name), bytes)),
        clock.millis());
  }

  private void tell() {
    looksSince.values().removeIf(looks -> looks >= LOOKS);
    var now = new HashMap<String, ListenAddress>();
    seen.forEach(
        (name, last) -> {
          var beat = last.beat();
          if (isAlive(beat.run())) {
            beat.address().ifPresent(it -> now.put(name, it));
          }
        });
    addresses = Map.copyOf(now);
    var present = present();
    List.copyOf(own).forEach(each -> each.looked(present));
  }

  private void judge() {
    nodes =
        seen.entrySet().stream()
            .map(it -> node(it.getKey(), it.getValue()))
            .sorted(Comparator.comparing(ClusterNode::name))
            .toList();
  }

  private ClusterNode node(String name, Seen last) {
    var silent = Duration.ofNanos(nanos.getAsLong() - last.at());
    var beat = last.beat();
    return new ClusterNode(
        shown(name),
        beat.version(),
        beat.key(),
        state(name, beat, silent),
        silent,
        beat.clockAhead(),
        beat.isOwnKeys() ? Attendance.differences(own, beat.words()) : List.of());
  }

  private State state(String name, Beat beat, Duration silent) {
    if (name.equals(options.node())) {
      return writer != null && beat.writer().equals(writer.name()) ? State.THIS : State.SAME_NAME;
    }
    if (!beat.isOwnKeys()) {
      return State.OTHER_KEY;
    }
    return silent.compareTo(SILENCE) > 0 ? State.SILENT : State.PRESENT;
  }

  private static String place(String name) {
    return NodeList.NAME + " " + name;
  }

  static String shown(String text) {
    return Excerpt.of(text, MAX_SHOWN);
  }
}
