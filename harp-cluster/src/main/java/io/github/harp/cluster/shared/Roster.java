// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.cluster.ClusterNode;
import io.github.harp.cluster.ClusterNode.State;
import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.RedisLink;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.notice.Excerpt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that use these servers: each says every two seconds that it is there, whatever its key
 * is. Thread-safe.
 */
public final class Roster {

  /** A hash, by name; for nodes of all keys, so that one with a wrong key is seen. */
  private static final String NODES = "harp:nodes";

  private static final int MAX_NODES = 1_000;
  private static final long BEAT_MS = 2_000;
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final Duration LEAVING = Duration.ofMillis(500);

  /** Three beats and a little. */
  private static final Duration SILENCE = Duration.ofSeconds(7);

  /** Who has said nothing for so long is taken out by whoever notices. */
  private static final Duration GONE = Duration.ofMinutes(10);

  private static final int MAX_SHOWN = 64;

  private final Vertx vertx;
  private final Context context;
  private final HarpClusterOptions options;
  private final String version;
  private final Clock clock;
  private final RedisLink link;
  private final Contact contact;
  private final Map<String, Seen> seen = new HashMap<>();

  private @Nullable Seal seal;
  private Seal.@Nullable Writer writer;
  private volatile List<ClusterNode> nodes = List.of();
  private String key = "";
  private boolean hasSpoken;
  private boolean closed;

  /** What was said last under a name, and when. */
  private record Seen(String text, Beat beat, long at) {}

  /**
   * What a node says.
   *
   * @param writer who has sealed it; empty where nobody with this key has
   * @param number how often that one had spoken then
   */
  private record Beat(String version, String key, String writer, long number, Duration clockAhead) {

    boolean isOwnKeys() {
      return !writer.isEmpty();
    }

    /** What a node has said before, and somebody has kept, is no sign of life. */
    boolean isNewerThan(Beat other) {
      return !other.isOwnKeys()
          || isOwnKeys() && (!writer.equals(other.writer()) || number > other.number());
    }
  }

  public Roster(
      Vertx vertx, Context context, HarpClusterOptions options, String version, Clock clock) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.version = version;
    this.clock = clock;
    this.link = new RedisLink(vertx, options, connection -> Future.succeededFuture());
    this.contact =
        new Contact("the list of nodes", options.servers(), "what it said last is shown");
  }

  /** Says from now on that this node is there. Not on an event loop. */
  public void open(Seal with) {
    var by = with.writer(place(options.node()));
    context.runOnContext(
        it -> {
          seal = with;
          writer = by;
          key = with.name();
          beat();
        });
  }

  /** This node is there no more. */
  public Future<Void> close() {
    var done = Promise.<Void>promise();
    context.runOnContext(
        it -> {
          closed = true;
          leave().transform(left -> link.close()).onComplete(done);
        });
    return done.future();
  }

  /** Nobody waits for servers that are away. */
  private Future<?> leave() {
    return contact.trouble().isPresent()
        ? Future.succeededFuture()
        : link.ask(() -> Request.cmd(Command.HDEL).arg(NODES).arg(options.node()), LEAVING);
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
    link.ask(() -> Request.cmd(Command.HLEN).arg(NODES), LIMIT)
        .compose(
            count ->
                count.toInteger() > MAX_NODES
                    ? Future.failedFuture(
                        NODES + " holds " + count + " names, expected at most " + MAX_NODES)
                    : link.ask(() -> Request.cmd(Command.HGETALL).arg(NODES), LIMIT))
        .compose(
            all -> {
              read(all);
              if (closed) {
                return Future.failedFuture("stops");
              }
              return link.ask(
                  () -> Request.cmd(Command.HSET).arg(NODES).arg(options.node()).arg(text(by)),
                  LIMIT);
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
    var content = new JsonObject().put("at", clock.millis()).put("version", version);
    return new JsonObject()
        .put("version", version)
        .put("key", key)
        .put("sealed", by.seal(content.encode().getBytes(UTF_8)))
        .encode();
  }

  private void read(Response all) {
    var now = System.nanoTime();
    var said = new HashMap<String, String>();
    for (var i = 0; i + 1 < all.size(); i += 2) {
      said.put(all.get(i).toString(), all.get(i + 1).toString());
    }
    if (!hasSpoken) {
      // Of an earlier run.
      said.remove(options.node());
    }
    seen.keySet().retainAll(said.keySet());
    said.forEach(
        (name, text) -> {
          var before = seen.get(name);
          var beat =
              before != null && before.text().equals(text) ? before.beat() : beat(name, text);
          if (before == null || beat.isNewerThan(before.beat()) && beat != before.beat()) {
            seen.put(name, new Seen(text, beat, now));
          } else if (now - before.at() > GONE.toNanos()) {
            link.ask(() -> Request.cmd(Command.HDEL).arg(NODES).arg(name), LIMIT);
          }
        });
  }

  private Beat beat(String name, String text) {
    try {
      var said = new JsonObject(text);
      var key = shown(said.getString("key", ""));
      var opened = open(name, said.getBinary("sealed", new byte[0]));
      if (opened.isEmpty()) {
        return new Beat(shown(said.getString("version", "")), key, "", 0, Duration.ZERO);
      }
      var content = new JsonObject(Buffer.buffer(opened.get().content()));
      return new Beat(
          content.getString("version"),
          key,
          opened.get().writer(),
          opened.get().number(),
          Duration.ofMillis(content.getLong("at") - clock.millis()));
    } catch (RuntimeException garbage) {
      return new Beat("", "", "", 0, Duration.ZERO);
    }
  }

  private Optional<Seal.Opened> open(String name, byte[] sealed) {
    return Optional.ofNullable(seal).flatMap(it -> it.open(place(name), sealed));
  }

  private void judge() {
    nodes =
        seen.entrySet().stream()
            .map(it -> node(it.getKey(), it.getValue()))
            .sorted(Comparator.comparing(ClusterNode::name))
            .toList();
  }

  private ClusterNode node(String name, Seen last) {
    var silent = Duration.ofNanos(System.nanoTime() - last.at());
    var beat = last.beat();
    return new ClusterNode(
        shown(name),
        beat.version(),
        beat.key(),
        state(name, beat, silent),
        silent,
        beat.clockAhead());
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
    return NODES + " " + name;
  }

  private static String shown(String text) {
    return Excerpt.of(text, MAX_SHOWN);
  }
}
