// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.exchange.Answers;
import io.github.harp.proxy.exchange.RequestBody;
import io.github.harp.proxy.frontend.connection.ClientConnections;
import io.github.harp.proxy.frontend.connection.ConnectedClient;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.github.harp.proxy.frontend.connection.RequestStream;
import io.github.harp.proxy.frontend.connection.SendingHalf;
import io.github.harp.proxy.frontend.head.MalformedRequest;
import io.github.harp.proxy.frontend.head.RequestHeadRules;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.github.harp.proxy.loop.Deadlines;
import io.github.harp.proxy.loop.Limit;
import io.github.harp.proxy.transport.UnreadEnds;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/1 connection: one request after the other, each answered before the next. */
public final class Http1Connection extends RequestStream
    implements Deadlines.Watched, ClientConnections.Endable {

  private final Http1RequestDecoder decoder;
  private final Http1ResponseWriter answers;
  private final Http1Pipeline pipeline;
  private final Http1Patience patience;
  private Deadlines.@Nullable Registration registration;
  private Http1State state = Http1State.OPEN;
  private boolean requestEnded = true;
  private boolean inputEnded;
  private boolean unreadEnd;
  private boolean isUsed;

  private Http1Connection(ConnectionContext context, Channel channel) {
    super(context, channel, new ConnectedClient(channel, context.limit()));
    var headBytes = context.options().limits().headBytes();
    var buffers = context.loop().holdings().budget().buffers();
    this.decoder = new Http1RequestDecoder(headBytes, buffers, context.loop().turns());
    this.answers = new Http1ResponseWriter(context, channel);
    this.pipeline = new Http1Pipeline(channel, decoder, answers);
    this.patience = new Http1Patience(context.loop().deadlines(), answers, holding());
  }

  /** Makes the channel's pipeline one for HTTP/1. */
  public static Http1Connection install(ConnectionContext context, Channel channel) {
    var connection = new Http1Connection(context, channel);
    connection.pipeline.install(connection);
    connection.registration = context.loop().deadlines().watch(connection);
    context.connections().add(connection);
    return connection;
  }

  /** It is HTTP/2 after all: leaves the pipeline before anything has been read. */
  public void uninstall() {
    become(Http1State.CLOSED);
    context.connections().remove(this);
    pipeline.uninstall(this);
  }

  private void become(Http1State next) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException("a connection that is " + state + " can't become " + next);
    }
    state = next;
    if (next.isLast() && registration != null) {
      registration.cancel();
    }
  }

  @Override
  public Answers answers() {
    return answers;
  }

  @Override
  public RequestBody body() {
    return decoder;
  }

  // --- what the client sends

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    patience.read();
    if (state == Http1State.CLOSING || state == Http1State.CLOSED) {
      ReferenceCountUtil.release(message);
    } else {
      super.channelRead(ctx, message);
    }
  }

  @Override
  protected void begin(HttpRequest request) {
    patience.headEnded();
    requestEnded = false;
    answers.begin(request);
    var target = RequestTarget.parse(request.method().name(), request.uri());
    if (target == null) {
      refuse(new MalformedRequest("a request target in none of the four forms"));
      return;
    }
    var problem = RequestHeadRules.check(request);
    if (problem != null) {
      refuse(problem);
      return;
    }
    target.replaceHost(request.headers());
    begin(request, target);
  }

  @Override
  protected void refuse(MalformedRequest malformed) {
    answers.lastRequest();
    super.refuse(malformed);
  }

  @Override
  protected void content(HttpContent content) {
    if (content instanceof LastHttpContent) {
      requestEnded = true;
      answers.requestEnded();
    }
    var current = exchange();
    if (content.decoderResult().isFailure()) {
      content.release();
      answers.lastRequest();
      if (current == null || current.isOver()) {
        gone("sent a malformed body");
        channel.close();
      } else {
        current.clientBroke(
            400, new Failure(Failure.Kind.MALFORMED_REQUEST, "a malformed chunked body"));
      }
    } else if (current == null) {
      content.release();
    } else {
      current.content(content);
      if (requestEnded && state == Http1State.DRAINING) {
        nextRequest();
      }
    }
  }

  /** The client sends no more; it may still read, or be gone altogether: the next write tells. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded = true;
      patience.read();
      endIfNothingCanCome();
    }
  }

  /** When its end came between two requests or within one, and not behind what waits here. */
  private boolean endIfNothingCanCome() {
    if (!inputEnded && !unreadEnd || state == Http1State.CLOSING) {
      return false;
    }
    boolean isIdle = state == Http1State.OPEN && exchange() == null;
    boolean isCut = inputEnded && (isIdle || !requestEnded && !decoder.holdsBytes());
    boolean isOver = isCut && !decoder.awaitsTurn() || patience.isOverForWhoSendsNoMore(exchange());
    if (isOver) {
      gone("closed the connection");
      channel.close();
    }
    return isOver;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone("closed the connection");
  }

  @Override
  protected void gone(String how) {
    if (state != Http1State.CLOSED) {
      become(Http1State.CLOSED);
      super.gone(how);
    }
  }

  // --- what is kept, and for how long

  @Override
  public void settle() {
    if (state != Http1State.UPGRADED) {
      keep(UnsentBytes.of(channel) + decoder.bufferedBytes());
    }
  }

  @Override
  public void shed() {
    var current = exchange();
    if (current == null || current.isOver() || UnsentBytes.of(channel) > 0) {
      abort();
    }
    if (current != null) {
      answers.lastRequest();
      current.cutOff();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    super.channelWritabilityChanged(ctx);
    goOn();
  }

  @Override
  public void check(long now) {
    unreadEnd = UnreadEnds.look(channel);
    settle();
    goOn();
    if (!endIfNothingCanCome() && !checkExchange()) {
      checkIdle();
    }
  }

  private void checkIdle() {
    boolean isInHead = state == Http1State.OPEN && decoder.isInHead();
    boolean isOver = patience.isOver(isInHead);
    if (isOver && isInHead) {
      requestEnded = true;
      refuse(MalformedRequest.unfinishedWithin(Limit.CLIENT));
    } else if (isOver) {
      gone("sent nothing within " + Limit.CLIENT);
      channel.close();
    }
  }

  // --- from one answer to the next request

  @Override
  public void responseEnded() {
    if (state == Http1State.CLOSED) {
      return;
    }
    if (requestEnded) {
      nextRequest();
    } else if (answers.keepsAlive()) {
      become(Http1State.DRAINING);
      var current = exchange();
      if (current == null || !current.handling().takesRestOfBody()) {
        decoder.discard();
      }
    } else {
      finishConnection();
    }
  }

  /** Not before the client has taken its answers, be they only refusals. */
  private void nextRequest() {
    forget();
    isUsed = true;
    boolean mayCome = !inputEnded || decoder.hasBufferedBytes();
    if (!mayCome || !answers.keepsAlive() || context.connections().isEnding()) {
      finishConnection();
    } else if (answers.isWritable()) {
      become(Http1State.OPEN);
      decoder.nextRequest();
    } else {
      become(Http1State.FULL);
    }
  }

  private void goOn() {
    if (state == Http1State.FULL && answers.isWritable()) {
      nextRequest();
    }
  }

  private void finishConnection() {
    boolean mayStillSend = !requestEnded || decoder.isBroken() || decoder.hasBufferedBytes();
    if (mayStillSend && !inputEnded) {
      become(Http1State.CLOSED);
      pipeline.closeLingering();
    } else {
      forget();
      become(Http1State.CLOSING);
      pipeline.closeWhenFlushed();
    }
  }

  @Override
  public void abort() {
    become(Http1State.CLOSED);
    pipeline.reset();
  }

  @Override
  public void drop() {
    become(Http1State.CLOSED);
    channel.close();
  }

  @Override
  public boolean isTriedAgainWhenDropped() {
    return isUsed;
  }

  @Override
  public Channel upgrade(HttpResponse switching, ChannelHandler relay) {
    become(Http1State.UPGRADED);
    return pipeline.upgrade(this, switching, relay);
  }

  @Override
  public ChannelFuture endOutput() {
    return SendingHalf.end(channel, channel);
  }

  @Override
  public void finishUp() {
    if (state == Http1State.OPEN && exchange() == null && !decoder.isInHead()) {
      drop();
    }
  }

  @Override
  public long idleSince() {
    return client.isKeyed() || state == Http1State.UPGRADED || isBusy()
        ? BUSY
        : patience.lastActivity();
  }

  @Override
  public boolean isOnlyEndless() {
    return state == Http1State.UPGRADED || isEndless();
  }

  @Override
  public void cut() {
    channel.close();
  }
}
