// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.Kept;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.redis.Contact;
import io.github.harp.cluster.redis.RedisLink;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something {@link Kept}, under a key of its own: looked at now and then, and at once when a node
 * has written it. Thread-safe.
 */
public final class SharedKept {

  /** Of what is kept, with its seal: no node reads more. */
  private static final int MAX_BYTES = 64 * 1024;

  private static final long LOOK_MS = 30_000;
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** For how long a node that starts waits for what others have. */
  private static final Duration FIRST = Duration.ofSeconds(3);

  private final Vertx vertx;
  private final Context context;
  private final Journal journal;
  private final Kept kept;
  private final String name;
  private final RedisLink link;
  private final Contact contact;

  private String key = "";
  private @Nullable Seal seal;
  private Seal.@Nullable Writer writer;
  private boolean looking;
  private boolean again;
  private boolean closed;

  public SharedKept(
      Vertx vertx,
      Context context,
      HarpClusterOptions options,
      Journal journal,
      String name,
      Kept kept) {
    this.vertx = vertx;
    this.context = context;
    this.journal = journal;
    this.name = name;
    this.kept = kept;
    this.link = new RedisLink(vertx, options, connection -> Future.succeededFuture());
    this.contact =
        new Contact(
            "what nodes have in common (" + name + ")",
            options.servers(),
            "this node goes on with its own");
    journal.listen("kept " + name, heard -> look());
  }

  /**
   * Begins; complete when this node has what the others have, or can't for now. Not on an event
   * loop.
   */
  public Future<Void> open(Seal with, String prefix) {
    var at = prefix + name;
    var by = with.writer(at);
    var first = Promise.<Void>promise();
    context.runOnContext(
        it -> {
          key = at;
          seal = with;
          writer = by;
          vertx.setTimer(FIRST.toMillis(), late -> first.tryComplete());
          look().onComplete(done -> first.tryComplete());
          vertx.setPeriodic(LOOK_MS, LOOK_MS, timer -> later(timer));
        });
    return first.future();
  }

  private void later(long timer) {
    if (closed) {
      vertx.cancelTimer(timer);
    } else {
      look();
    }
  }

  public Future<Void> close() {
    return link.closeOn(context, () -> closed = true);
  }

  public Optional<String> trouble() {
    return contact.trouble();
  }

  /** This node has another one now. On any thread. */
  public void changed() {
    context.runOnContext(it -> look());
  }

  private Future<?> look() {
    var with = seal;
    var by = writer;
    if (closed || with == null || by == null) {
      return Future.succeededFuture();
    }
    if (looking) {
      again = true;
      return Future.succeededFuture();
    }
    looking = true;
    return link.ask(() -> Request.cmd(Command.GETRANGE).arg(key).arg(0).arg(MAX_BYTES), LIMIT)
        .map(found -> with.open(key, found == null ? new byte[0] : found.toBytes()))
        .compose(
            theirs ->
                vertx.executeBlocking(
                    () ->
                        theirs.isEmpty() || kept.offered(theirs.get().content())
                            ? Optional.of(own())
                            : Optional.<byte[]>empty()))
        .compose(own -> own.isEmpty() ? Future.succeededFuture() : write(by.seal(own.get())))
        .onSuccess(done -> contact.works())
        .onFailure(failure -> fails(failure))
        .onComplete(
            done -> {
              looking = false;
              if (again) {
                again = false;
                look();
              }
            });
  }

  private byte[] own() {
    var own = kept.own();
    if (own.length > MAX_BYTES - Seal.MORE_BYTES) {
      throw new HarpException(
          Code.FAILED,
          name
              + " of this node: "
              + own.length
              + " bytes, so other nodes would not read them; expected at most "
              + (MAX_BYTES - Seal.MORE_BYTES));
    }
    return own;
  }

  private void fails(Throwable failure) {
    if (!closed) {
      contact.fails(failure);
    }
  }

  private Future<?> write(byte[] sealed) {
    return link.ask(() -> Request.cmd(Command.SET).arg(key).arg(Buffer.buffer(sealed)), LIMIT)
        .onSuccess(done -> journal.tell("kept " + name, new JsonObject()));
  }
}
