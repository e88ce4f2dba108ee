// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;

import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP calls to an engine. A call blocks its thread, which must not be an event loop, until its
 * deadline at most; {@link #close()} ends all of them at once.
 *
 * <p>Each call has a connection of its own. They are cheap here (a local socket or a stream of a
 * tunnel), and a kept one that the engine has just closed would leave open whether an order was
 * carried out.
 *
 * <p>Thread-safe.
 */
final class EngineTransport implements AutoCloseable {

  private static final int MAX_LINE_BYTES = 4096;
  private static final int MAX_HEAD_BYTES = 32 * 1024;
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  private final EngineAddress engine;
  private final OrderLocks.Held held;

  /** Because of what it is called; docker-java has threads of its own. */
  private final @Nullable String because;

  private final Set<EngineExchange> open = ConcurrentHashMap.newKeySet();
  private final Set<CompletableFuture<EngineExchange>> connecting = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  EngineTransport(EngineAddress engine, OrderLocks.Held held) {
    this.engine = engine;
    this.held = held;
    this.because = engine.tracing().now();
  }

  /**
   * Sends a request and waits for the head of the answer; its body is read under the same deadline.
   * The caller closes the response. Fails with a {@link HarpException}: {@code UNREACHABLE}, {@code
   * TIMED_OUT}, {@code FAILED}.
   */
  Response execute(Request request, Deadline deadline) {
    if (request.hijackedInput() != null) {
      throw new HarpException(
          FAILED, engine.name() + ": input for an attached process is not supported");
    }
    var path = withoutQuery(request.path());
    var step = engine.tracing().question("engine call", because);
    step.say("harp.place", engine.name());
    step.say("http.request.method", request.method());
    step.say("url.path", path);
    try {
      return execute(request, engine.name() + ", " + request.method() + " " + path, deadline, step);
    } catch (RuntimeException e) {
      step.failed(HarpException.codeOf(e).name());
      step.end();
      throw e;
    }
  }

  private Response execute(Request request, String what, Deadline deadline, Tracing.Step step) {
    var exchange = connect(what, deadline);
    try {
      if (closed) {
        throw closing();
      }
      held.requireHeld();
      exchange.send(head(request, step.traceparent()), request.body());
      var answer = exchange.awaitHead();
      step.say("http.response.status_code", String.valueOf(answer.status().code()));
      return new EngineResponse(
          answer.status().code(),
          answer.headers(),
          new AnswerBody(exchange, what, engine.answerLimitBytes()),
          step);
    } catch (RuntimeException e) {
      exchange.close();
      throw e;
    }
  }

  private EngineExchange connect(String what, Deadline deadline) {
    var connected = new CompletableFuture<EngineExchange>();
    connecting.add(connected);
    try {
      if (closed) {
        throw closing();
      }
      engine
          .upstream()
          .connect(engine.loops().next())
          .onSuccess(
              channel -> {
                if (!connected.complete(begin(channel, what, deadline))) {
                  channel.close();
                }
              })
          .onFailure(connected::completeExceptionally);
      return connected.get(Math.max(1, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw giveUp(
          connected,
          new HarpException(TIMED_OUT, what + ": no connection to " + engine.upstream(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw giveUp(connected, new HarpException(FAILED, what + ": given up while connecting", e));
    } catch (ExecutionException e) {
      throw connectFailure(what, e.getCause() == null ? e : e.getCause());
    } finally {
      connecting.remove(connected);
    }
  }

  private EngineExchange begin(Channel channel, String what, Deadline deadline) {
    var exchange = new EngineExchange(channel, what, deadline);
    open.add(exchange);
    channel.closeFuture().addListener(done -> open.remove(exchange));
    // An engine answers and closes as soon as it has seen enough; what finds it closed may be as
    // little as the empty write after the last piece, and must not take the answer away.
    channel.config().setAutoClose(false);
    channel.pipeline().addLast(codec(), exchange);
    exchange.failWhenAlreadyClosed();
    return exchange;
  }

  private static HarpException giveUp(
      CompletableFuture<EngineExchange> connected, HarpException why) {
    if (!connected.completeExceptionally(why)) {
      connected.thenAccept(EngineExchange::close);
    }
    return why;
  }

  private static HarpException connectFailure(String what, Throwable cause) {
    var code = cause instanceof HarpException known ? known.code() : UNREACHABLE;
    return new HarpException(code, what + ": " + HarpException.reasonOf(cause), cause);
  }

  private HttpClientCodec codec() {
    return new HttpClientCodec(MAX_LINE_BYTES, MAX_HEAD_BYTES, MAX_CHUNK_BYTES);
  }

  private static HttpRequest head(Request request, @Nullable String traceparent) {
    var head =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(request.method()), request.path());
    request.headers().forEach((header, value) -> head.headers().set(header, value));
    head.headers()
        .set(HttpHeaderNames.HOST, "localhost")
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (traceparent != null) {
      head.headers().set(Tracing.TRACEPARENT, traceparent);
    }
    var bytes = request.bodyBytes();
    if (bytes != null) {
      HttpUtil.setContentLength(head, bytes.length);
    } else if (request.body() != null) {
      HttpUtil.setTransferEncodingChunked(head, true);
    } else if (request.method().equals("POST") || request.method().equals("PUT")) {
      HttpUtil.setContentLength(head, 0);
    }
    return head;
  }

  /** Ends all calls; those that wait fail with {@code UNAVAILABLE}. */
  @Override
  public void close() {
    closed = true;
    connecting.forEach(connected -> connected.completeExceptionally(closing()));
    open.forEach(exchange -> exchange.fail(closing()));
  }

  private HarpException closing() {
    return new HarpException(
        UNAVAILABLE, engine.name() + ": its connections were closed; try again when it is back");
  }

  /** The query may hold what a filter names; a path holds names of containers and images only. */
  private static String withoutQuery(String path) {
    var query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }
}
