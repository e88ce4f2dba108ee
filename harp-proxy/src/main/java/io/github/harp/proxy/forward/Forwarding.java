// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request at an upstream: find it, take a connection from the pool or make one, stream the
 * request there and the answer back.
 *
 * <p>The request is sent a second time only when a pooled connection turned out to be dead before a
 * byte of an answer, and the ExApp can't have acted on it: nothing of its body was sent, or it has
 * none and its method is idempotent. An idempotent one also when what comes first is no answer.
 */
final class Forwarding implements Handling, UpstreamSearch.Seeker {

  private static final int MAX_INTERIM_RESPONSES = 64;

  /** Clients leave earlier without any reason that would concern an ExApp. */
  private static final long WORTH_A_REMARK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.TRACE,
          HttpMethod.PUT,
          HttpMethod.DELETE);

  private final Exchange exchange;
  private final ClientStream client;
  private final HttpRequest request;
  private final Origin origin;
  private final LoopResources loop;
  private final UpstreamSearch search;
  private final EarlyContent early = new EarlyContent();
  private final boolean isUpgrade;
  private final boolean hasBody;

  private @Nullable UpstreamConnection connection;
  private long askedAt;
  private int interimResponses;
  private boolean bodySent;
  private boolean requestSent;
  private boolean bodyPaused;
  private boolean unsentBytes;
  private boolean inInterim;
  private boolean answerKeepsAlive;
  private boolean answerEnded;
  private boolean answerPaused;
  private @Nullable HttpResponse switching;

  Forwarding(Exchange exchange, Origin origin, LoopResources loop, boolean isUpgrade) {
    this.exchange = exchange;
    this.client = exchange.client();
    this.request = exchange.request();
    this.origin = origin;
    this.loop = loop;
    this.search = new UpstreamSearch(origin, loop, this);
    this.isUpgrade = isUpgrade;
    this.hasBody =
        request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
            || HttpUtil.getContentLength(request, 0L) > 0;
  }

  void start() {
    exchange.handleWith(this);
    search.start(isIdempotent() ? UpstreamPool.MAX_IDLE : UpstreamPool.FRESH);
  }

  private boolean isIdempotent() {
    return IDEMPOTENT.contains(request.method());
  }

  // --- the search for an upstream

  @Override
  public void searching(String upstream) {
    exchange.servedBy(upstream);
    exchange.touch();
    pauseBody();
  }

  @Override
  public void unreachable(Failure why) {
    discard();
    exchange.fail(503, why);
  }

  // --- the request

  @Override
  public void found(UpstreamConnection to) {
    connection = to;
    exchange.servedBy(to.name());
    exchange.touch();
    askedAt = loop.deadlines().now();
    to.use(this);
    to.writeHead(request);
    unsentBytes = true;
    early.passOnTo(this::send);
    // Within a read of the client its end flushes; after a wait nobody else would.
    if (bodyPaused) {
      flushRequest();
    }
    resumeBody();
  }

  @Override
  public void content(HttpContent content) {
    if (connection == null && exchange.isOver()) {
      content.release();
      return;
    }
    if (connection == null) {
      early.add(content);
      return;
    }
    send(content);
    if (requestSent) {
      flushRequest();
      if (answerEnded) {
        releaseConnection();
      }
    }
  }

  private void send(HttpContent content) {
    var to = connection;
    if (to == null) {
      ReferenceCountUtil.release(content);
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      fail(400, Kind.MALFORMED_REQUEST, "malformed body");
      return;
    }
    bodySent |= content.content().isReadable();
    if (content instanceof LastHttpContent last) {
      requestSent = true;
      ForwardedTrailers.toUpstream(last.trailingHeaders());
    }
    unsentBytes = true;
    to.writeContent(content);
    if (!to.isWritable() && !requestSent) {
      pauseBody();
    }
  }

  @Override
  public void contentReadComplete() {
    flushRequest();
  }

  private void flushRequest() {
    if (unsentBytes && connection != null) {
      unsentBytes = false;
      connection.flush();
      if (!connection.isReused()) {
        exchange.headSent();
      }
      lookAgain();
    }
  }

  /** What a flush has sent without a mark being crossed tells nobody; later, for no recursion. */
  private void lookAgain() {
    if (canResumeBody() || canResumeAnswer()) {
      loop.execute(this::look);
    }
  }

  private boolean canResumeBody() {
    return bodyPaused && connection != null && connection.isWritable();
  }

  private boolean canResumeAnswer() {
    return answerPaused && client.isWritable();
  }

  @Override
  public void look() {
    if (canResumeBody()) {
      resumeBody();
    }
    if (canResumeAnswer()) {
      resumeAnswer();
    }
  }

  @Override
  public long heldBytes() {
    return early.bytes() + (connection == null ? 0 : connection.unsentBytes());
  }

  private void pauseBody() {
    if (!bodyPaused) {
      bodyPaused = true;
      exchange.pauseBody();
    }
  }

  private void resumeBody() {
    if (bodyPaused) {
      bodyPaused = false;
      exchange.resumeBody();
    }
  }

  /** An ExApp that has answered early and keeps the connection reads on. */
  @Override
  public boolean takesRestOfBody() {
    return answerEnded && connection != null;
  }

  @Override
  public boolean holdsBody() {
    return bodyPaused;
  }

  void upstreamWritable() {
    exchange.touch();
    resumeBody();
  }

  // --- the answer

  void upstreamRead(HttpObject part) {
    if (answerEnded) {
      ReferenceCountUtil.release(part);
      discard();
      client.discardBody();
      return;
    }
    var from = connection;
    if (part instanceof HttpResponse response) {
      response(response);
    }
    if (connection == from && part instanceof HttpContent content) {
      answerContent(content);
    } else if (connection != from) {
      ReferenceCountUtil.release(part);
    }
  }

  private void response(HttpResponse response) {
    var from = connection;
    var problem = ResponseRules.check(response);
    if (from == null) {
      return;
    }
    if (problem != null) {
      malformed(from, problem);
      return;
    }
    int status = response.status().code();
    if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      interim(response, status);
      return;
    }
    origin.answered(status);
    if (client.asksForUpgrade() && response.status().codeClass() == HttpStatusClass.SUCCESS) {
      fail(502, Kind.MALFORMED_RESPONSE, "status " + status + " to a handshake: expected 101");
      return;
    }
    answerKeepsAlive = mayServeAgain(from, response);
    ForwardedHeaders.toClient(response);
    exchange.answer(response);
  }

  /** What a connection was left with by somebody else's answer is no answer to this request. */
  private void malformed(UpstreamConnection from, String problem) {
    if (from.isReused() && isIdempotent() && mayBeSentAgain()) {
      connection = null;
      from.close();
      sendAgain();
    } else {
      fail(502, Kind.MALFORMED_RESPONSE, problem);
    }
  }

  private boolean mayServeAgain(UpstreamConnection from, HttpResponse response) {
    var lenience = from.lenience();
    if (lenience != null) {
      loop.remarks().lenient(exchange, from.name(), lenience);
      return false;
    }
    // Some servers send a body although there must be none, most often one that they announced.
    boolean hasNoBody = ResponseRules.hasNoBody(response, request);
    from.answeredWithoutBody(hasNoBody);
    return HttpUtil.isKeepAlive(response)
        && ResponseRules.isSelfDelimiting(response, request)
        && !(hasNoBody && from.announcesBody());
  }

  private void interim(HttpResponse response, int status) {
    inInterim = true;
    if (status == 101) {
      if (!isUpgrade || !requestSent) {
        fail(502, Kind.MALFORMED_RESPONSE, "101 without a request to switch protocols");
        return;
      }
      switching = response;
      return;
    }
    if (++interimResponses > MAX_INTERIM_RESPONSES) {
      fail(502, Kind.MALFORMED_RESPONSE, "more than " + MAX_INTERIM_RESPONSES + " 1xx responses");
      return;
    }
    if (client.takesInterim(status)) {
      ForwardedHeaders.toClient(response);
      exchange.interim(response);
    }
  }

  private void answerContent(HttpContent content) {
    if (inInterim || connection == null) {
      inInterim = !(content instanceof LastHttpContent);
      content.release();
      if (switching != null && connection != null) {
        switchProtocols(switching, connection);
      }
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      fail(502, Kind.MALFORMED_RESPONSE, "malformed body");
      return;
    }
    boolean isLast = content instanceof LastHttpContent;
    if (content instanceof LastHttpContent last) {
      ForwardedTrailers.toClient(last.trailingHeaders());
      answerEnded = true;
      if (requestSent || !answerKeepsAlive) {
        releaseConnection();
      }
    }
    exchange.answerContent(content);
    if (!isLast && connection != null && !client.isWritable()) {
      answerPaused = true;
      connection.read(false);
    }
  }

  private void resumeAnswer() {
    answerPaused = false;
    if (connection != null) {
      connection.read(true);
    }
  }

  private void releaseConnection() {
    var done = connection;
    connection = null;
    if (done == null) {
      return;
    }
    if (answerKeepsAlive && requestSent && done.isActive()) {
      done.release();
    } else {
      done.close();
    }
  }

  private void switchProtocols(HttpResponse response, UpstreamConnection to) {
    origin.answered(101);
    ForwardedHeaders.toClient(response);
    connection = null;
    UpgradeRelay.start(exchange, response, to, loop);
  }

  void upstreamReadComplete() {
    client.flush();
    lookAgain();
  }

  @Override
  public void clientWritable() {
    if (canResumeAnswer()) {
      resumeAnswer();
    }
  }

  // --- the end

  void upstreamGone(String how) {
    var gone = connection;
    connection = null;
    if (answerEnded) {
      client.discardBody();
      return;
    }
    if (gone == null || exchange.isOver()) {
      return;
    }
    if (gone.isReused() && mayBeSentAgain()) {
      sendAgain();
    } else {
      remarkSilence(gone, "the end of its connection (" + how + ")");
      fail(502, Kind.UPSTREAM_GONE, how);
    }
  }

  private void sendAgain() {
    requestSent = false;
    if (exchange.isRequestEnded()) {
      early.add(LastHttpContent.EMPTY_LAST_CONTENT);
    }
    search.start(Duration.ZERO);
  }

  private boolean mayBeSentAgain() {
    return !hasAnswered() && !bodySent && (hasBody ? !requestSent : isIdempotent());
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
      return search.isWaiting() ? origin.patience().connect : Limit.NONE;
    }
    boolean clientIsDue = !exchange.isRequestEnded() && !bodyPaused && !exchange.isAnswered();
    if (answerPaused || clientIsDue) {
      return Limit.CLIENT;
    }
    return hasAnswered() ? Limit.SERVER : origin.patience().firstByte;
  }

  @Override
  public void expired(Limit limit) {
    switch (limit) {
      case CLIENT ->
          fail(
              408,
              Kind.CLIENT_TIMEOUT,
              (answerPaused ? "nothing of the answer taken" : "no more of the request")
                  + " within "
                  + limit);
      case SERVER -> silentWithin(limit);
      case HEARTBEAT -> {
        if (connection == null) {
          unreachable(new Failure(Kind.CONNECT_TIMEOUT, "not connected within " + limit));
        } else {
          silentWithin(limit);
        }
      }
      default -> {
        exchange.touch();
        search.expired();
      }
    }
  }

  private void silentWithin(Limit limit) {
    remarkSilence(connection, limit + " was reached");
    fail(504, Kind.RESPONSE_TIMEOUT, "nothing from the upstream within " + limit);
  }

  private boolean hasAnswered() {
    return exchange.isAnswered() || interimResponses > 0;
  }

  private void remarkSilence(@Nullable UpstreamConnection at, String end) {
    if (at != null && requestSent && !hasAnswered()) {
      loop.remarks().silent(exchange, at.name(), loop.deadlines().now() - askedAt, end);
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
      abandoned.close();
    }
    early.release();
  }
}
