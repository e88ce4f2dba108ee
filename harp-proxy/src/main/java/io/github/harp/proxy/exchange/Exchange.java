// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.decision.Verdict;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.budget.Footprint;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, seen from the client: what has come, what has been sent, who takes
 * care of it, and what is to be said of it at the end. Confined to the client's event loop.
 */
public final class Exchange {

  private final Account account;
  private final ClientStream stream;
  private final Answers answers;
  private final HttpRequest request;
  private final String path;
  private final @Nullable String query;
  private final Deadlines deadlines;
  private final int headBytes;

  private Handling handling = Handling.DISCARD;
  private Runnable whenOver = () -> {};
  private long lastActivity;
  private boolean requestEnded;
  private boolean bodyPaused;
  private boolean over;
  private boolean endless;

  public Exchange(
      Account account,
      ClientStream stream,
      HttpRequest request,
      String path,
      @Nullable String query,
      Deadlines deadlines) {
    this.account = account;
    this.stream = stream;
    this.answers = stream.answers();
    this.request = request;
    this.path = path;
    this.query = query;
    this.deadlines = deadlines;
    this.lastActivity = deadlines.now();
    this.headBytes = Footprint.ofHead(request);
    stream.holding().request(Footprint.REQUEST + headBytes);
  }

  /** What is to be said of it. */
  public Account account() {
    return account;
  }

  public Client client() {
    return stream.client();
  }

  /** Where it comes from. */
  public ClientStream stream() {
    return stream;
  }

  /** Where the answer goes. */
  public Answers answers() {
    return answers;
  }

  public HttpRequest request() {
    return request;
  }

  /** About what its head takes in memory. */
  public int headBytes() {
    return headBytes;
  }

  /** The head is on its way and won't be needed again: nobody has to keep it. */
  public void headSent() {
    request.headers().clear();
    if (!over) {
      stream.holding().request(Footprint.REQUEST);
    }
  }

  /** Something to do when it is over. */
  public void whenOver(Runnable task) {
    whenOver = task;
  }

  /** As sent, without query. */
  public String path() {
    return path;
  }

  /** As sent, without {@code ?}; null without one. */
  public @Nullable String query() {
    return query;
  }

  public boolean isRequestEnded() {
    return requestEnded;
  }

  /** Whether nothing more will be sent. */
  public boolean isOver() {
    return over;
  }

  /** Whether it may last for as long as both sides like: an upgraded one or a stream of events. */
  public boolean isEndless() {
    return endless;
  }

  /** Who takes care of it now. */
  public Handling handling() {
    return handling;
  }

  /** Hands it to whoever takes care of it from now on. */
  public void handleWith(Handling next) {
    handling = next;
    touch();
  }

  public void decided(Verdict result) {
    account.decided(result);
    handling.decided();
  }

  /** Something moved: limits are counted from now. */
  public void touch() {
    lastActivity = deadlines.now();
  }

  // --- from the client

  /** A part of the request's body has come; takes ownership. */
  public void content(HttpContent content) {
    relayed(content.content().readableBytes(), 0);
    requestEnded |= content instanceof LastHttpContent;
    handling.content(content);
  }

  /** Holds back what the client still sends of this request. */
  public void pauseBody() {
    if (!bodyPaused && !requestEnded) {
      bodyPaused = true;
      stream.body().pause();
    }
  }

  /** Once the request is whole, a pause on its connection is the next one's. */
  public void resumeBody() {
    boolean wasPaused = bodyPaused;
    bodyPaused = false;
    if (wasPaused && !requestEnded) {
      stream.body().resume();
    }
  }

  public void clientWritable() {
    touch();
    handling.clientWritable();
  }

  /** The client is gone, or has sent something that ends the request. */
  public void clientGone(Failure why) {
    var last = handling;
    handling = Handling.DISCARD;
    if (!over) {
      account.failed(why);
      finish();
    }
    last.clientGone();
  }

  /** The client has sent what can't be forwarded; the upstream must not take it as whole. */
  public void clientBroke(int failureStatus, Failure why) {
    var last = handling;
    handling = Handling.DISCARD;
    last.clientGone();
    fail(failureStatus, why);
  }

  /** An ExApp is to be reached no more: if this one is for it, or may turn out to be, it ends. */
  public void outOfService(LostExApp exApp) {
    if (over) {
      return;
    }
    if (!account.isDecided()) {
      handling.outOfService(exApp);
    } else if (account.verdict().filter(exApp::isReachedBy).isPresent()) {
      var why = new Failure(Failure.Kind.SHUTDOWN, exApp.why());
      account.failed(why);
      clientBroke(503, why);
    }
  }

  /** Memory is short, and this one keeps a lot of it and does not move. */
  public void cutOff() {
    if (!over) {
      clientBroke(503, new Failure(Failure.Kind.OVERLOAD, "cut off: memory is short"));
    }
  }

  /** Called at each tick. */
  public void checkLimit() {
    handling.look();
    var limit = handling.limit();
    if (deadlines.isExpired(limit, Math.max(lastActivity, stream.holding().movedAt()))) {
      handling.expired(limit);
    }
  }

  // --- to the client

  /** A 1xx answer other than 101. */
  public void interim(HttpResponse response) {
    touch();
    answers.writeInterim(response);
    flush();
  }

  /** The head of the final answer. */
  public void answer(HttpResponse response) {
    response.headers().set(RequestIds.HEADER, account.id());
    account.answered(response.status().code());
    touch();
    answers.writeHead(response);
  }

  /** Sends what is written of the answer. */
  public void flush() {
    if (answers.flush()) {
      stream.settle();
    }
  }

  /** A part of the answer's body; takes ownership. The last one ends the exchange. */
  public void answerContent(HttpContent content) {
    relayed(0, content.content().readableBytes());
    answers.writeContent(content);
    if (content instanceof LastHttpContent) {
      flush();
      finish();
      stream.responseEnded();
    }
  }

  /** Answers here and now. */
  public void answer(OwnAnswer own) {
    if (!over) {
      answer(own.head(), ByteBufUtil.writeUtf8(answers.alloc(), own.body()));
    }
  }

  /** Answers with a whole body, of which {@code HEAD} gets only the length; takes ownership. */
  public void answer(HttpResponse response, ByteBuf body) {
    boolean hasBody = response.status().code() != 204 && response.status().code() != 304;
    if (hasBody) {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    }
    answer(response);
    boolean isSent = hasBody && !request.method().equals(HttpMethod.HEAD);
    answerContent(new DefaultLastHttpContent(isSent ? body : body.clear()));
  }

  /**
   * Something went wrong on the way: a page when nothing has been sent, else an end that does not
   * look like the answer's.
   */
  public void fail(int failureStatus, Failure why) {
    fail(OwnAnswer.page(failureStatus), why);
  }

  /** The same with another text. */
  public void fail(OwnAnswer answer, Failure why) {
    if (over) {
      return;
    }
    account.failed(why);
    if (account.isAnswered()) {
      finish();
      stream.abort();
    } else {
      answer(answer);
    }
  }

  /**
   * Ends it without an answer, where that is the end: a proxy in front would try it on each of its
   * connections, which would all count and close. Who comes without one does not go on for ever.
   */
  public void drop() {
    if (account.isAbout(client().peer()) && client().dropped()) {
      answers.lastRequest();
    }
    if (stream.isTriedAgainWhenDropped()) {
      answer(OwnAnswer.text(403));
    } else {
      finish();
      stream.drop();
    }
  }

  /** From now on it may last for as long as both sides like. */
  public void mayLast() {
    endless = true;
  }

  // --- after an upgrade

  public void upgraded(HttpResponse switching) {
    switching.headers().set(RequestIds.HEADER, account.id());
    account.upgraded(switching.status().code());
    mayLast();
    stream.holding().request(Footprint.UPGRADE);
  }

  public void relayed(long fromClient, long toClient) {
    account.passed(fromClient, toClient);
    touch();
  }

  public void finish() {
    if (over) {
      return;
    }
    over = true;
    stream.holding().request(0);
    whenOver.run();
    if (!handling.takesRestOfBody()) {
      handling = Handling.DISCARD;
    }
    account.close(stream, request, path);
  }
}
