// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import io.github.harp.cluster.HarpClusterOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is made when something is to be asked, and given up when that fails or takes
 * too long: then the next question finds the server that is in charge by then. The client's own
 * connections neither come back nor have a time limit.
 *
 * <p>For one event loop, on which it is used and its futures complete.
 */
public final class RedisLink {

  /** For a connection, with TLS, password and whatever sentinels say. */
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** More are never under way: locks of orders ask side by side, everybody else in turn. */
  private static final int MAX_WAITING = 1_024;

  private record Line(Redis client, RedisConnection connection) {}

  private final Vertx vertx;
  private final HarpClusterOptions options;
  private final Function<RedisConnection, Future<?>> greeting;
  private @Nullable Future<Line> line;
  private boolean isTooLarge;

  /**
   * @param greeting what is to be asked first on each new connection
   */
  public RedisLink(
      Vertx vertx, HarpClusterOptions options, Function<RedisConnection, Future<?>> greeting) {
    this.vertx = vertx;
    this.options = options;
    this.greeting = greeting;
  }

  /**
   * What the server answers.
   *
   * @param question made once there is a connection
   * @param limit for the answer then
   */
  public Future<@Nullable Response> ask(Supplier<Request> question, Duration limit) {
    var asked = line;
    if (asked == null) {
      asked = connect();
      line = asked;
    }
    var through = asked;
    return through
        .compose(it -> within(limit, it.connection().send(question.get())))
        .recover(failure -> Future.failedFuture(isTooLarge ? new TooLargeException() : failure))
        .onFailure(failure -> giveUp(through));
  }

  /** {@link #close()} on the link's own event loop, once {@code last} was done there. */
  public Future<Void> closeOn(Context context, Runnable last) {
    var done = Promise.<Void>promise();
    context.runOnContext(
        it -> {
          last.run();
          close().onComplete(done);
        });
    return done.future();
  }

  /** Ends the connection; the next question would make one. */
  public Future<Void> close() {
    var open = line;
    line = null;
    return open == null
        ? Future.succeededFuture()
        : open.compose(it -> it.client().close()).otherwiseEmpty();
  }

  private void giveUp(Future<Line> broken) {
    if (line == broken) {
      line = null;
    }
    broken.onSuccess(it -> it.client().close());
  }

  private Future<Line> connect() {
    isTooLarge = false;
    var limited = new LimitedClient((VertxInternal) vertx, () -> isTooLarge = true);
    return vertx
        .executeBlocking(this::settings, false)
        .compose(
            settings -> {
              var client = Redis.createClient(limited, settings);
              return within(CONNECT, client.connect().compose(it -> greeted(client, it)))
                  .onFailure(failure -> client.close());
            });
  }

  private Future<Line> greeted(Redis client, RedisConnection connection) {
    // What is under way fails by itself; what is not is found out by the next question.
    connection.exceptionHandler(failure -> {});
    return greeting.apply(connection).map(done -> new Line(client, connection));
  }

  private static <T extends @Nullable Object> Future<T> within(Duration limit, Future<T> answer) {
    return answer.timeout(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private RedisOptions settings() {
    var servers = options.servers();
    var net =
        new NetClientOptions()
            .setConnectTimeout((int) CONNECT.toMillis())
            .setTcpKeepAlive(true)
            .setSsl(servers.tls())
            .setHostnameVerificationAlgorithm(servers.tls() ? "HTTPS" : "");
    options
        .authorities()
        .ifPresent(file -> net.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
    var settings =
        new RedisOptions()
            .setNetClientOptions(net)
            .setPreferredProtocolVersion(ProtocolVersion.RESP2)
            .setMaxPoolSize(1)
            .setMaxPoolWaiting(1)
            .setMaxWaitingHandlers(MAX_WAITING)
            .setPoolRecycleTimeout(-1);
    servers.user().ifPresent(settings::setUser);
    options.passwordFile().map(RedisLink::password).ifPresent(settings::setPassword);
    var scheme = servers.tls() ? "rediss://" : "redis://";
    var database = servers.database() == 0 ? "" : "/" + servers.database();
    servers.hosts().forEach(host -> settings.addConnectionString(scheme + host + database));
    return switch (servers.kind()) {
      case STANDALONE -> settings.setType(RedisClientType.STANDALONE);
      case SENTINEL -> settings.setType(RedisClientType.SENTINEL).setMasterName(servers.master());
      case CLUSTER -> settings.setType(RedisClientType.CLUSTER);
    };
  }

  private static String password(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("password file " + file + ": " + e.getMessage(), e);
    }
  }
}
