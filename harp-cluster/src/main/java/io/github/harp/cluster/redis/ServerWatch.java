// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.core.HarpException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.Optional;

/** What the server says of itself, asked now and then. Thread-safe. */
public final class ServerWatch {

  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final long PAUSE_MS = 20_000;

  private final Vertx vertx;
  private final Context context;
  private final RedisLink link;
  private volatile Optional<ServerFacts> facts = Optional.empty();
  private volatile Optional<String> refusal = Optional.empty();
  private boolean closed;

  public ServerWatch(Vertx vertx, Context context, HarpClusterOptions options) {
    this.vertx = vertx;
    this.context = context;
    this.link = new RedisLink(vertx, options, connection -> Future.succeededFuture());
  }

  public void open() {
    context.runOnContext(it -> ask());
  }

  public Future<Void> close() {
    return link.closeOn(context, () -> closed = true);
  }

  /** As it was said last; empty until then. */
  public Optional<ServerFacts> facts() {
    return facts;
  }

  /** Why it is not said to this user. */
  public Optional<String> refusal() {
    return refusal;
  }

  private void ask() {
    if (closed) {
      return;
    }
    link.ask(() -> Request.cmd(Command.INFO), LIMIT)
        .map(info -> ServerFacts.read(String.valueOf(info)))
        .onSuccess(
            said -> {
              facts = said;
              refusal = Optional.empty();
            })
        .onFailure(
            failure ->
                refusal =
                    Optional.of(HarpException.reasonOf(failure))
                        .filter(reason -> reason.startsWith("NOPERM")))
        .onComplete(done -> vertx.setTimer(PAUSE_MS, it -> ask()));
  }
}
