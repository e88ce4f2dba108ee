// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.forward.connection.Origin;
import io.github.harp.proxy.forward.connection.UpstreamConnection;
import io.github.harp.proxy.forward.connection.UpstreamPool;
import io.github.harp.proxy.forward.connection.UpstreamSearch;
import io.github.harp.proxy.forward.head.ForwardedHeaders;
import io.github.harp.proxy.forward.head.NextStep;
import io.github.harp.proxy.forward.head.ResponseRules;
import io.github.harp.proxy.loop.Limit;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request at an upstream: finds it, takes a connection from the pool or makes one, and sees to
 * the connection while the {@linkplain RequestLeg request} goes there and the {@linkplain AnswerLeg
 * answer} comes back.
 */
final class Forwarding
    implements Handling, UpstreamSearch.Seeker, UpstreamConnection.User, AnswerLeg.Outcome {

  /** Clients leave earlier without any reason that would concern an ExApp. */
  private static final long WORTH_A_REMARK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Exchange exchange;
  private final Origin origin;
  private final Forwarder forwarder;
  private final LoopResources loop;
  private final UpstreamSearch search;
  private final RequestLeg request;
  private final AnswerLeg answer;
  private @Nullable UpstreamConnection connection;
  private long askedAt;

  Forwarding(Exchange exchange, Origin origin, Forwarder forwarder, boolean isUpgrade) {
    this.exchange = exchange;
    this.origin = origin;
    this.forwarder = forwarder;
    this.loop = forwarder.pool().loop();
    this.search = new UpstreamSearch(origin, forwarder.pool(), this);
    this.request = new RequestLeg(exchange);
    this.answer = new AnswerLeg(exchange, origin, forwarder.remarks(), isUpgrade, this);
  }

  void start() {
    exchange.handleWith(this);
    boolean isIdempotent = Retry.isIdempotent(exchange.request().method());
    search.start(isIdempotent ? UpstreamPool.MAX_IDLE : UpstreamPool.FRESH);
  }

  // --- the search for an upstream

  @Override
  public InetAddress client() {
    return exchange.account().caller(exchange.client().peer());
  }

  @Override
  public void searching(String upstream) {
    exchange.account().servedBy(upstream);
    exchange.account().enter(upstream.startsWith("tunnel") ? "tunnel" : "connect");
    exchange.touch();
    request.pause();
  }

  @Override
  public void unreachable(Failure why) {
    discard();
    exchange.fail(503, why);
  }

  @Override
  public void found(UpstreamConnection to) {
    connection = to;
    exchange.account().servedBy(to.name());
    NextStep.tell(exchange.request().headers(), exchange.account().enter(origin.step()));
    exchange.touch();
    askedAt = loop.deadlines().now();
    to.use(this);
    answer.awaitFrom(to);
    if (!request.start(to)) {
      fail(400, Kind.MALFORMED_REQUEST, "malformed body");
    }
    // Within a read of the client its end flushes; after a wait nobody else would.
    if (request.isPaused()) {
      flushRequest();
    }
    request.resume();
  }

  // --- the request

  @Override
  public void content(HttpContent content) {
    if (!request.content(content, connection)) {
      fail(400, Kind.MALFORMED_REQUEST, "malformed body");
      return;
    }
    if (request.isSent()) {
      flushRequest();
      if (answer.isEnded()) {
        releaseConnection();
      }
    }
  }

  @Override
  public void contentReadComplete() {
    flushRequest();
  }

  private void flushRequest() {
    if (request.flush(connection)) {
      lookAgain();
    }
  }

  /** What a flush has sent without a mark being crossed tells nobody; later, for no recursion. */
  private void lookAgain() {
    if (request.mayResume(connection) || answer.mayResume(connection)) {
      loop.execute(this::look);
    }
  }

  @Override
  public void look() {
    if (request.mayResume(connection)) {
      request.resume();
    }
    answer.resumeIfTaken(connection);
  }

  @Override
  public long heldBytes() {
    var at = connection;
    return request.heldBytes() + (at == null ? 0 : at.unsentBytes() + at.unfinishedBytes());
  }

  /** An ExApp that has answered early and keeps the connection reads on. */
  @Override
  public boolean takesRestOfBody() {
    return answer.isEnded() && connection != null;
  }

  @Override
  public boolean holdsBody() {
    return request.isPaused();
  }

  @Override
  public void upstreamWritable() {
    exchange.touch();
    request.resume();
  }

  // --- the answer

  @Override
  public void upstreamRead(HttpObject part) {
    var from = connection;
    if (from == null || answer.isEnded()) {
      ReferenceCountUtil.release(part);
      if (answer.isEnded()) {
        discard();
        exchange.stream().body().discard();
      }
      return;
    }
    if (part instanceof HttpResponse response) {
      answerHead(response, from);
    }
    if (connection != from) {
      ReferenceCountUtil.release(part);
    } else if (part instanceof HttpContent content) {
      answer.content(content);
      if (connection == from) {
        answer.pauseIfFull(from);
      }
    }
  }

  private void answerHead(HttpResponse response, UpstreamConnection from) {
    var problem = ResponseRules.check(response);
    if (problem == null) {
      answer.head(response, from, request.isSent());
    } else if (!triesAgain(from, Retry.Instead.NONSENSE)) {
      broken(problem);
    }
  }

  @Override
  public void broken(String problem) {
    fail(502, Kind.MALFORMED_RESPONSE, problem);
  }

  @Override
  public void complete() {
    if (request.isSent() || !answer.keepsAlive()) {
      releaseConnection();
    }
  }

  private void releaseConnection() {
    var done = connection;
    connection = null;
    if (done == null) {
      return;
    }
    if (answer.keepsAlive() && request.isSent() && done.isActive()) {
      done.release();
    } else if (request.hasBody()) {
      done.close();
    } else {
      done.abort();
    }
    request.drop();
  }

  @Override
  public void switched(HttpResponse response) {
    var to = connection;
    connection = null;
    if (to != null) {
      answer.resume(to);
      origin.answered(101);
      ForwardedHeaders.toClient(response);
      UpgradeRelay.start(exchange, response, to, forwarder);
    }
  }

  @Override
  public void upstreamReadComplete() {
    exchange.flush();
    var from = connection;
    if (from != null && from.unfinishedBytes() > 0) {
      exchange.stream().settle();
      answer.pauseIfFull(from);
    }
    lookAgain();
  }

  @Override
  public void clientFull() {
    answer.pauseIfFull(connection);
  }

  @Override
  public void clientWritable() {
    answer.resumeIfTaken(connection);
  }

  // --- the end

  @Override
  public void upstreamGone(String how) {
    var gone = connection;
    connection = null;
    if (answer.isEnded()) {
      request.drop();
      exchange.stream().body().discard();
    } else if (gone != null && !exchange.isOver() && !triesAgain(gone, Retry.Instead.END)) {
      remarkSilence(gone, "the end of its connection (" + how + ")");
      fail(502, Kind.UPSTREAM_GONE, how);
    }
  }

  /** Whether what has come on that connection led to another try. */
  private boolean triesAgain(UpstreamConnection last, Retry.Instead instead) {
    boolean isSafe = request.mayBeSentAgain(instead, last.isReused(), answer.hasBegun());
    if (isSafe) {
      last.close();
      connection = null;
      request.hold();
      search.start(Duration.ZERO);
    }
    return isSafe;
  }

  @Override
  public void clientGone() {
    if (loop.deadlines().now() - askedAt > WORTH_A_REMARK_NANOS) {
      remarkSilence(connection, "the client went away");
    }
    discard();
  }

  @Override
  public Limit limit() {
    if (connection == null) {
      return search.isWaiting() ? origin.patience().connect() : Limit.NONE;
    }
    boolean clientIsDue =
        !exchange.isRequestEnded() && !request.isPaused() && !exchange.account().isAnswered();
    if (answer.isPaused() || clientIsDue) {
      return Limit.CLIENT;
    }
    return answer.hasBegun() ? Limit.SERVER : origin.patience().firstByte();
  }

  @Override
  public void expired(Limit limit) {
    if (limit == Limit.CLIENT) {
      var what = answer.isPaused() ? "nothing of the answer taken" : "no more of the request";
      fail(408, Kind.CLIENT_TIMEOUT, what + " within " + limit);
    } else if (connection != null) {
      remarkSilence(connection, limit + " was reached");
      fail(504, Kind.RESPONSE_TIMEOUT, "nothing from the upstream within " + limit);
    } else if (limit == Limit.HEARTBEAT) {
      unreachable(new Failure(Kind.CONNECT_TIMEOUT, "not connected within " + limit));
    } else {
      exchange.touch();
      search.expired();
    }
  }

  private void remarkSilence(@Nullable UpstreamConnection at, String end) {
    if (at != null && request.isSent() && !answer.hasBegun()) {
      forwarder.remarks().silent(exchange, at.name(), loop.deadlines().now() - askedAt, end);
    }
  }

  private void fail(int status, Kind kind, String message) {
    discard();
    exchange.fail(status, new Failure(kind, message));
  }

  private void discard() {
    search.cancel();
    var abandoned = connection;
    connection = null;
    if (abandoned != null) {
      abandoned.abort();
    }
    request.drop();
  }
}
