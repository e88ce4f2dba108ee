// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.proxy.upstream.HostNames;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vertx.core.Closeable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.spi.transport.Transport;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client that asks where {@link HostNames} says. Its pooled connections belong to an
 * address and not to a name: when the name gets another address, nothing more goes to the old one.
 *
 * <p>Has an event loop that carries nothing else: whatever a server answers, and however much of
 * it, those that serve requests have no part in reading it.
 *
 * <p>The addresses of a name are tried one after the other; when none can be connected to, the name
 * is resolved once more. Cookies are not kept, no redirect is followed, no proxy of the environment
 * is used. Thread-safe; futures complete on any thread.
 */
public final class QuestionClient {

  // A hundred half heads of lines without content, fifty times as much in memory, have to fit.
  private static final int MAX_HEAD_BYTES = 16 * 1024;
  private static final int MAX_LINE_BYTES = 8 * 1024;
  private static final int RECEIVED_AT_ONCE = 16 * 1024;
  // Shorter than the five seconds after which Apache closes.
  private static final int KEEP_ALIVE_SECONDS = 4;

  private final VertxInternal vertx;
  private final HostNames names;
  private final QuestionLimits limits;
  private final EventLoopGroup loops;
  private final ContextInternal context;
  private final HttpClient http;
  private final AtomicInteger bytesUnderWay = new AtomicInteger();
  private final Set<Attempt> underWay = ConcurrentHashMap.newKeySet();
  private final Closeable withVertx;

  /**
   * @param vertx stays open when this is closed, and closes this when it is closed
   * @param trust null for the certificate authorities of the Java runtime
   */
  public QuestionClient(
      Vertx vertx, HostNames names, QuestionLimits limits, @Nullable TrustOptions trust) {
    this.vertx = (VertxInternal) vertx;
    this.names = names;
    this.limits = limits;
    this.loops =
        this.vertx
            .transport()
            .eventLoopGroup(
                Transport.IO_EVENT_LOOP_GROUP, 1, new DefaultThreadFactory("questions", true), 100);
    this.context = this.vertx.contextBuilder().withEventLoop(loops.next()).build();
    this.http =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setTrustOptions(trust)
                    .setConnectTimeout((int) limits.connect().toMillis())
                    .setReceiveBufferSize(RECEIVED_AT_ONCE)
                    .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                    .setIdleTimeout((int) limits.total().toMillis())
                    .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setMaxHeaderSize(MAX_HEAD_BYTES)
                    .setMaxInitialLineLength(MAX_LINE_BYTES))
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(limits.connections())
                    .setMaxWaitQueueSize(limits.waiting()))
            // The question fails, too; Vert.x would log each with its stack.
            .withConnectHandler(connection -> connection.exceptionHandler(failure -> {}))
            .build();
    this.withVertx = done -> end().onComplete(ended -> done.succeed());
    this.vertx.addCloseHook(withVertx);
  }

  /**
   * The whole answer. Fails with a {@link ConnectException} when nobody accepts a connection, with
   * a {@link TimeoutException} when the time is over, with a HarpException when the name does not
   * resolve or the answer is too much. Nothing of an answer is read after that.
   */
  public Future<Answer> ask(Question question) {
    return ask(question, limits.total());
  }

  /** The same in less time than the limits allow. */
  public Future<Answer> ask(Question question, Duration total) {
    var deadline = new TimeLeft(total);
    return addresses(question, deadline)
        .compose(
            addresses ->
                inTurn(question, addresses, 0, deadline)
                    .recover(failure -> again(question, addresses, failure, deadline)));
  }

  /** Closes the connections; questions under way fail. */
  public Future<Void> close() {
    vertx.removeCloseHook(withVertx);
    return end();
  }

  /** With a pause before the event loop ends: a Vert.x that closes waits for what runs there. */
  private Future<Void> end() {
    // No timer of theirs runs when their event loop has ended.
    underWay.forEach(attempt -> context.runOnContext(go -> attempt.fail(closed())));
    return http.close().onComplete(closed -> loops.shutdownGracefully());
  }

  private Future<List<InetAddress>> addresses(Question question, TimeLeft deadline) {
    return names
        .resolve(question.host())
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<Answer> inTurn(
      Question question, List<InetAddress> addresses, int index, TimeLeft deadline) {
    var connect = limits.connect().dividedBy(addresses.size());
    return at(addresses.get(index), question, connect, deadline)
        .recover(
            failure ->
                isConnectFailure(failure) && index + 1 < addresses.size() && !deadline.isOver()
                    ? inTurn(question, addresses, index + 1, deadline)
                    : Future.failedFuture(failure));
  }

  /** Where the name leads now, if that is somewhere else. */
  private Future<Answer> again(
      Question question, List<InetAddress> tried, Throwable failure, TimeLeft deadline) {
    if (!isConnectFailure(failure) || deadline.isOver()) {
      return Future.failedFuture(failure);
    }
    return addresses(question, deadline)
        .compose(
            addresses ->
                tried.containsAll(addresses) || deadline.isOver()
                    ? Future.failedFuture(failure)
                    : inTurn(question, addresses, 0, deadline));
  }

  private Future<Answer> at(
      InetAddress address, Question question, Duration connect, TimeLeft deadline) {
    // An address that remembers its name would be pooled by that name.
    var server = SocketAddress.inetSocketAddress(question.port(), address.getHostAddress());
    long remaining = deadline.remainingMillis();
    var options =
        new RequestOptions()
            .setServer(server)
            .setMethod(question.method())
            .setSsl(question.tls())
            .setHost(IpAddresses.inUrl(question.host()))
            .setPort(question.port())
            .setURI(question.uri())
            .setHeaders(question.headers())
            .setFollowRedirects(false)
            .setConnectTimeout(Math.min(connect.toMillis(), remaining));
    var attempt = new Attempt(limits, bytesUnderWay, context.promise());
    underWay.add(attempt);
    context.runOnContext(
        go ->
            connection(options)
                .onSuccess(attempt::send)
                .onFailure(failure -> attempt.fail(explained(failure, server, deadline))));
    return attempt
        .answer()
        .onComplete(done -> underWay.remove(attempt))
        .timeout(remaining, TimeUnit.MILLISECONDS)
        .onFailure(
            failure -> {
              attempt.fail(failure);
              names.forget(question.host());
            });
  }

  private Future<HttpClientRequest> connection(RequestOptions options) {
    try {
      return http.request(options);
    } catch (IllegalStateException isClosed) {
      return Future.failedFuture(closed());
    }
  }

  private static HarpException closed() {
    return new HarpException(HarpException.Code.FAILED, "nothing is asked here any more");
  }

  /** Before the deadline, it was the connection that took too long. */
  private static Throwable explained(Throwable failure, SocketAddress server, TimeLeft deadline) {
    return failure instanceof TimeoutException && !deadline.isOver()
        ? new ConnectTimeoutException("no connection to " + server)
        : failure;
  }

  private static boolean isConnectFailure(Throwable failure) {
    return failure instanceof ConnectException || failure instanceof NoRouteToHostException;
  }
}
