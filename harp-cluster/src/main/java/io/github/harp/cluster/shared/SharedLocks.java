// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.redis.RedisLink;
import io.github.harp.cluster.redis.Seal;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Locks that end by themselves when whoever has one does not renew it: a node that dies keeps
 * others waiting for {@link #LEASE}. Who can't renew one gives it up a little earlier, by its own
 * clock, so that two never have it. Thread-safe.
 */
public final class SharedLocks implements OrderLocks {

  /** How long a lock is held without a sign of life. */
  private static final Duration LEASE = Duration.ofSeconds(15);

  /** By so much earlier its holder gives it up. */
  private static final Duration MARGIN = Duration.ofSeconds(3);

  /** What is sent until then has arrived before another can begin. */
  private static final Duration ARRIVAL = Duration.ofSeconds(1);

  private static final Duration RENEWAL = Duration.ofSeconds(4);

  /** As long as an order waits for earlier ones at the same node. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For how long servers may be away before an order is refused. */
  private static final Duration AWAY = Duration.ofSeconds(5);

  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final long LOOK_MS = 200;
  private static final int TOKEN_BYTES = 16;

  /** Takes or renews it for whoever has this token. */
  private static final String TAKE =
      "local holder = redis.call('get', KEYS[1])"
          + " if holder and holder ~= ARGV[1] then return 0 end"
          + " redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2]) return 1";

  private static final String FREE =
      "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"
          + " return 0";

  private final Vertx vertx;
  private final Context context;
  private final HarpClusterOptions options;
  private final RedisLink link;
  private volatile @Nullable Seal seal;
  private volatile String prefix = "";

  public SharedLocks(Vertx vertx, Context context, HarpClusterOptions options) {
    this.vertx = vertx;
    this.context = context;
    this.options = options;
    this.link = new RedisLink(vertx, options, connection -> Future.succeededFuture());
  }

  /**
   * Gives locks from now on.
   *
   * @param prefix of their names
   */
  public void open(Seal with, String prefix) {
    this.prefix = prefix;
    this.seal = with;
  }

  public Future<Void> close() {
    return link.closeOn(context, () -> {});
  }

  @Override
  public Duration patience() {
    return PATIENCE;
  }

  @Override
  public Held lock(String what, Runnable lost) throws InterruptedException {
    var with = seal;
    if (with == null) {
      throw new HarpException(Code.UNAVAILABLE, what + ": this node has not joined the others yet");
    }
    var lease = new Lease(what, prefix + with.alias(what), lost);
    context.runOnContext(it -> lease.look());
    try {
      lease.taken.future().toCompletionStage().toCompletableFuture().get();
      return lease;
    } catch (ExecutionException e) {
      lease.close();
      throw e.getCause() instanceof HarpException known
          ? known
          : new HarpException(Code.FAILED, what + ": no lock", e.getCause());
    } catch (InterruptedException e) {
      lease.close();
      throw e;
    }
  }

  /** One lock, wanted or had. All but what it is asked as {@link Held} is called on the context. */
  private final class Lease implements Held {

    private final String what;
    private final String name;
    private final String token;
    private final Runnable lost;
    private final long wantedSince = System.nanoTime();
    private final Promise<Void> taken = Promise.promise();

    /** When the servers answered last, or one began to ask them. */
    private long answered = wantedSince;

    /** When what was granted last was asked for. */
    private volatile long granted;

    private volatile boolean isSomebodyElses;
    private long askedAt;
    private boolean asking;
    private boolean over;

    Lease(String what, String name, Runnable lost) {
      this.what = what;
      this.name = name;
      this.lost = lost;
      var bytes = new byte[TOKEN_BYTES];
      new SecureRandom().nextBytes(bytes);
      this.token = HexFormat.of().formatHex(bytes);
    }

    /** Looks again and again what is to be done, until it is over. */
    void look() {
      if (isOver()) {
        return;
      }
      if (hasIt() ? isPast(granted, LEASE.minus(MARGIN)) : isHopeless()) {
        lose();
        return;
      }
      if (!asking && (!hasIt() || isPast(askedAt, RENEWAL))) {
        ask();
      }
      vertx.setTimer(LOOK_MS, it -> look());
    }

    private boolean hasIt() {
      return taken.future().succeeded();
    }

    private boolean isPast(long since, Duration limit) {
      return System.nanoTime() - since > limit.toNanos();
    }

    private boolean isHopeless() {
      if (isPast(wantedSince, PATIENCE)) {
        taken.tryFail(
            new HarpException(
                Code.BUSY,
                what
                    + ": another node has been at it for "
                    + PATIENCE.toSeconds()
                    + " s; try again later"));
      } else if (isPast(answered, AWAY)) {
        taken.tryFail(
            new HarpException(
                Code.UNAVAILABLE,
                what
                    + ": "
                    + options.servers()
                    + " does not answer, so nobody knows whether another node is at it; expected"
                    + " Redis to be there for orders"));
      }
      return taken.future().failed();
    }

    private void ask() {
      asking = true;
      askedAt = System.nanoTime();
      var at = askedAt;
      script(TAKE, token, String.valueOf(LEASE.toMillis()))
          .map(answer -> answer.toInteger() == 1)
          .onSuccess(isMine -> answered(isMine, at))
          .onComplete(done -> asking = false);
    }

    private void answered(boolean isMine, long at) {
      answered = System.nanoTime();
      if (isOver()) {
        free();
      } else if (isMine) {
        granted = at;
        taken.tryComplete();
      } else if (hasIt()) {
        isSomebodyElses = true;
        lose();
      }
    }

    private Future<Response> script(String script, String... arguments) {
      return link.ask(
          () -> {
            var request = Request.cmd(Command.EVAL).arg(script).arg(1).arg(name);
            for (var argument : arguments) {
              request.arg(argument);
            }
            return request;
          },
          LIMIT);
    }

    private synchronized boolean isOver() {
      return over;
    }

    /** Not while it is given back: then nobody is to be interrupted any more. */
    private synchronized void lose() {
      if (!over) {
        over = true;
        if (hasIt()) {
          lost.run();
        }
      }
    }

    @Override
    public void requireHeld() {
      if (isSomebodyElses || isPast(granted, LEASE.minus(ARRIVAL))) {
        throw new HarpException(
            Code.BUSY,
            what
                + ": another node may be at it by now, so nothing more is sent; this one could not"
                + " keep it off in time");
      }
    }

    @Override
    public void close() {
      synchronized (this) {
        over = true;
      }
      context.runOnContext(it -> free());
    }

    private void free() {
      script(FREE, token);
    }
  }
}
