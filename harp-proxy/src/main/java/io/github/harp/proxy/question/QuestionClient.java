// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.proxy.upstream.HostNames;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A Web Client that asks where {@link HostNames} says. Its pooled connections belong to an address
 * and not to a name: when the name gets another address, nothing more goes to the old one.
 *
 * <p>The addresses of a name are tried one after the other; when none can be connected to, the name
 * is resolved once more. Cookies are not kept, no redirect is followed, no proxy of the environment
 * is used. Thread-safe; futures complete on an event loop.
 */
public final class QuestionClient {

  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_LINE_BYTES = 16 * 1024;
  // Shorter than the five seconds after which Apache closes.
  private static final int KEEP_ALIVE_SECONDS = 4;

  private final VertxInternal vertx;
  private final WebClient web;
  private final HostNames names;
  private final QuestionLimits limits;

  /**
   * @param vertx stays open when this is closed
   * @param trust null for the certificate authorities of the Java runtime
   */
  public QuestionClient(
      Vertx vertx, HostNames names, QuestionLimits limits, @Nullable TrustOptions trust) {
    this.vertx = (VertxInternal) vertx;
    this.names = names;
    this.limits = limits;
    var options = new WebClientOptions();
    options
        .setUserAgentEnabled(false)
        .setFollowRedirects(false)
        .setTrustOptions(trust)
        .setConnectTimeout((int) limits.connect().toMillis())
        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
        .setIdleTimeout((int) limits.total().toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setMaxHeaderSize(MAX_HEAD_BYTES)
        .setMaxInitialLineLength(MAX_LINE_BYTES);
    this.web =
        WebClient.create(
            vertx,
            options,
            new PoolOptions()
                .setHttp1MaxSize(limits.connections())
                .setMaxWaitQueueSize(limits.waiting()));
  }

  /**
   * The whole answer. Fails with a {@link ConnectException} when nobody accepts a connection, with
   * a {@link TimeoutException} when the time is over, with a HarpException when the name does not
   * resolve or the answer is too long.
   */
  public Future<HttpResponse<Buffer>> ask(Question question) {
    return ask(question, limits.total());
  }

  /** The same in less time than the limits allow. */
  public Future<HttpResponse<Buffer>> ask(Question question, Duration total) {
    var deadline = new Deadline(total);
    return addresses(question, deadline)
        .compose(
            addresses ->
                inTurn(question, addresses, 0, deadline)
                    .recover(failure -> again(question, addresses, failure, deadline)));
  }

  /** Closes the connections; questions under way fail. */
  public void close() {
    web.close();
  }

  private Future<List<InetAddress>> addresses(Question question, Deadline deadline) {
    return names
        .resolve(question.host())
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<HttpResponse<Buffer>> inTurn(
      Question question, List<InetAddress> addresses, int index, Deadline deadline) {
    var connect = limits.connect().dividedBy(addresses.size());
    return at(addresses.get(index), question, connect, deadline)
        .recover(
            failure ->
                isConnectFailure(failure) && index + 1 < addresses.size() && !deadline.isOver()
                    ? inTurn(question, addresses, index + 1, deadline)
                    : Future.failedFuture(failure));
  }

  /** Where the name leads now, if that is somewhere else. */
  private Future<HttpResponse<Buffer>> again(
      Question question, List<InetAddress> tried, Throwable failure, Deadline deadline) {
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

  private Future<HttpResponse<Buffer>> at(
      InetAddress address, Question question, Duration connect, Deadline deadline) {
    Promise<HttpResponse<Buffer>> answer = vertx.getOrCreateContext().promise();
    var body = new BoundedBody(limits.answerBytes(), limits.longAnswers());
    // An address that remembers its name would be pooled by that name.
    var server = SocketAddress.inetSocketAddress(question.port(), address.getHostAddress());
    long remaining = deadline.remainingMillis();
    web.request(
            question.method(),
            server,
            new RequestOptions()
                .setSsl(question.tls())
                .setHost(IpAddresses.inUrl(question.host()))
                .setPort(question.port())
                .setURI(question.uri())
                .setHeaders(question.headers())
                .setFollowRedirects(false)
                .setConnectTimeout(Math.min(connect.toMillis(), remaining))
                .setIdleTimeout(remaining))
        .as(body)
        .send()
        .onComplete(
            done -> {
              if (done.succeeded()) {
                answer.tryComplete(done.result());
              } else {
                answer.tryFail(explained(done.cause(), server, deadline));
              }
            });
    body.result().onFailure(answer::tryFail);
    return answer
        .future()
        .timeout(remaining, TimeUnit.MILLISECONDS)
        .onFailure(
            failure -> {
              body.abandon();
              names.forget(question.host());
            });
  }

  /** Before the deadline, it was the connection that took too long. */
  private static Throwable explained(Throwable failure, SocketAddress server, Deadline deadline) {
    return failure instanceof TimeoutException && !deadline.isOver()
        ? new ConnectTimeoutException("no connection to " + server)
        : failure;
  }

  private static boolean isConnectFailure(Throwable failure) {
    return failure instanceof ConnectException || failure instanceof NoRouteToHostException;
  }
}
