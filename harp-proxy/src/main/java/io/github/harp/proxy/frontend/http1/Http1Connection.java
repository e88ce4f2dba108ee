// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.budget.Backlog;
import io.github.harp.proxy.budget.Holder;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Deadlines;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Limit;
import io.github.harp.proxy.frontend.connection.ClientConnections;
import io.github.harp.proxy.frontend.connection.ClientFailures;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.github.harp.proxy.frontend.connection.ConnectionLimit;
import io.github.harp.proxy.frontend.head.MalformedRequest;
import io.github.harp.proxy.frontend.head.RequestHeadRules;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's HTTP/1 connection: one request after the other, each answered before the next. */
public final class Http1Connection extends ChannelInboundHandlerAdapter
    implements ClientStream, Deadlines.Watched, ClientConnections.Endable, Holder {

  private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

  /** How long a client that has closed its sending half may still take its answer. */
  private static final long HALF_CLOSED_GRACE_NANOS = 2_000_000_000L;

  private enum State {
    /** A request is awaited or in progress. */
    OPEN,
    /** The answer is complete, the rest of its request is still coming. */
    DRAINING,
    /** The last answer is on its way to the client. */
    CLOSING,
    /** Bytes of another protocol pass; this handler is out of the pipeline. */
    UPGRADED,
    CLOSED
  }

  private final ConnectionContext context;
  private final Channel channel;
  private final Http1RequestDecoder decoder;
  private final Http1ResponseWriter answers;
  private final Http1Pipeline pipeline;
  private final InetAddress peer;
  private final Holdings.Holding holding;
  private Deadlines.@Nullable Registration registration;
  private State state = State.OPEN;
  private @Nullable Exchange exchange;
  private long lastActivity;
  private long headBegan;
  private long inputEndedAt;
  private boolean requestEnded = true;
  private boolean isKeyed;

  private Http1Connection(ConnectionContext context, Channel channel) {
    this.context = context;
    this.channel = channel;
    this.decoder =
        new Http1RequestDecoder(context.options().limits().headBytes(), context::isShort);
    this.answers = new Http1ResponseWriter(channel);
    this.pipeline = new Http1Pipeline(channel, decoder, answers);
    this.peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    this.holding = context.loop().holdings().open(this);
    this.lastActivity = context.loop().deadlines().now();
  }

  /** Makes the channel's pipeline one for HTTP/1. */
  public static Http1Connection install(ConnectionContext context, Channel channel) {
    var connection = new Http1Connection(context, channel);
    connection.pipeline.install(connection);
    connection.registration = context.loop().deadlines().watch(connection);
    context.connections().add(connection);
    channel.closeFuture().addListener(closed -> connection.holding.close());
    return connection;
  }

  /** It is HTTP/2 after all: leaves the pipeline before anything has been read. */
  public void uninstall() {
    leave(State.CLOSED);
    context.connections().remove(this);
    pipeline.uninstall(this);
  }

  @Override
  public Channel channel() {
    return channel;
  }

  // --- what the client sends

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    lastActivity = context.loop().deadlines().now();
    if (state == State.CLOSING || state == State.CLOSED) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof HttpRequest request) {
      begin(request);
    } else if (message instanceof HttpContent content) {
      content(content);
    } else if (message instanceof MalformedRequest malformed) {
      malformed(malformed);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    headBegan = 0;
    requestEnded = false;
    answers.begin(request);
    var target = RequestTarget.parse(request.method().name(), request.uri());
    if (target == null) {
      malformed(new MalformedRequest("a request target in none of the four forms"));
      return;
    }
    var problem = RequestHeadRules.check(request);
    if (problem != null) {
      malformed(problem);
      return;
    }
    if (target.authority() != null) {
      request.headers().set(HttpHeaderNames.HOST, target.authority());
    }
    var begun = context.begin(this, request, target.path(), target.query());
    exchange = begun;
    context.requests().handle(begun);
  }

  private void malformed(MalformedRequest malformed) {
    refuseUnread(malformed.status(), new Failure(malformed.kind(), malformed.reason()));
  }

  private void refuseUnread(int status, Failure why) {
    answers.endAfterThis();
    var begun = context.beginUnread(this);
    exchange = begun;
    begun.fail(status, why);
  }

  private void content(HttpContent content) {
    boolean isLast = content instanceof LastHttpContent;
    if (isLast) {
      requestEnded = true;
      answers.requestEnded();
    }
    var current = exchange;
    if (content.decoderResult().isFailure()) {
      content.release();
      answers.endAfterThis();
      if (current == null || current.isOver()) {
        gone("sent a malformed body");
        channel.close();
      } else {
        var reason = "a malformed chunked body";
        current.clientBroke(400, new Failure(Kind.MALFORMED_REQUEST, reason));
      }
      return;
    }
    if (current == null) {
      content.release();
      return;
    }
    current.content(content);
    if (isLast && state == State.DRAINING) {
      nextRequest();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.readComplete();
    }
    flush();
    settle();
  }

  /** Tells what is kept: answers that the client, and bytes that the ExApp does not take. */
  @Override
  public void settle() {
    if (state == State.UPGRADED) {
      return;
    }
    long unsent = Backlog.of(channel);
    long kept = unsent + decoder.bufferedBytes();
    long passed = 0;
    if (exchange != null) {
      kept += exchange.handling().heldBytes();
      passed = exchange.passed();
    }
    holding.set(kept, passed - kept);
  }

  @Override
  public void shed() {
    var current = exchange;
    if (current == null || current.isOver() || Backlog.of(channel) > 0) {
      abort();
    }
    if (current != null) {
      answers.endAfterThis();
      current.cutOff();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    settle();
    if (exchange != null && channel.isWritable()) {
      exchange.clientWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded();
    }
  }

  /** The client sends no more; it may still read, or be gone altogether: the next write tells. */
  private void inputEnded() {
    if (exchange == null || !requestEnded) {
      gone("closed the connection");
      channel.close();
    } else {
      inputEndedAt = System.nanoTime();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone("closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    context.loop().errors().look(cause);
    if (!ClientFailures.isOrdinary(cause)) {
      LOG.warn("connection of {} is closed because of a failure in its handling", peer, cause);
    }
    gone(HarpException.reasonOf(cause));
    ctx.close();
  }

  private void gone(String how) {
    if (state == State.CLOSED) {
      return;
    }
    var current = exchange;
    leave(State.CLOSED);
    if (current != null) {
      current.clientGone(new Failure(Kind.CLIENT_GONE, how));
    }
  }

  /** Nothing more of HTTP/1 happens here. */
  private void leave(State last) {
    exchange = null;
    state = last;
    if (registration != null) {
      registration.cancel();
    }
  }

  // --- limits

  @Override
  public void check(long now) {
    settle();
    if (state != State.CLOSING
        && inputEndedAt != 0
        && now - Math.max(inputEndedAt, lastActivity) > HALF_CLOSED_GRACE_NANOS) {
      gone("closed the connection");
      channel.close();
      return;
    }
    var current = exchange;
    if (current != null && !current.isOver()) {
      current.checkLimit();
      return;
    }
    var deadlines = context.loop().deadlines();
    if (state == State.OPEN && decoder.isInHead()) {
      checkHead(now);
    } else if (deadlines.isExpired(Limit.CLIENT, Math.max(lastActivity, holding.movedAt()))) {
      gone("sent nothing within " + Limit.CLIENT);
      channel.close();
    }
  }

  /** The limit of a head counts from its first byte, whatever trickles in. */
  private void checkHead(long now) {
    if (headBegan == 0) {
      headBegan = now;
    } else if (context.loop().deadlines().isExpired(Limit.CLIENT, headBegan)) {
      requestEnded = true;
      var reason = "no complete request head within " + Limit.CLIENT;
      refuseUnread(408, new Failure(Kind.CLIENT_TIMEOUT, reason));
    }
  }

  // --- ClientStream

  @Override
  public String protocol() {
    return answers.version().text();
  }

  @Override
  public InetAddress peer() {
    return peer;
  }

  @Override
  public ByteBufAllocator alloc() {
    return channel.alloc();
  }

  @Override
  public boolean isOnReserve() {
    return ConnectionLimit.isOnReserve(channel) && !isKeyed;
  }

  @Override
  public void keyed() {
    if (!isKeyed) {
      isKeyed = true;
      context.limit().keyed(peer);
    }
  }

  @Override
  public void lastRequest() {
    answers.endAfterThis();
  }

  @Override
  public Holdings.Holding holding() {
    return holding;
  }

  @Override
  public boolean takesInterim(int status) {
    boolean isAskedFor = status == 100 && answers.awaitsContinue();
    return !answers.isHttp10() && (isAskedFor || context.options().protocols().earlyHints());
  }

  @Override
  public boolean asksForUpgrade() {
    return false;
  }

  @Override
  public void writeInterim(HttpResponse response) {
    answers.writeInterim(response);
  }

  @Override
  public void writeHead(HttpResponse response) {
    if (context.connections().isFinishing()) {
      answers.endAfterThis();
    }
    answers.writeHead(response);
  }

  @Override
  public void writeContent(HttpContent content) {
    lastActivity = context.loop().deadlines().now();
    answers.writeContent(content);
  }

  @Override
  public void flush() {
    answers.flush();
    settle();
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable() && !(context.isShort() && Backlog.of(channel) > 0);
  }

  @Override
  public void pauseBody() {
    decoder.pauseBody();
  }

  @Override
  public void resumeBody() {
    decoder.resumeBody();
  }

  @Override
  public void responseEnded() {
    if (requestEnded) {
      nextRequest();
    } else if (answers.keepsAlive()) {
      state = State.DRAINING;
      if (exchange == null || !exchange.takesRestOfBody()) {
        discardBody();
      }
    } else {
      finishConnection();
    }
  }

  @Override
  public void discardBody() {
    decoder.resumeBody();
  }

  private void nextRequest() {
    exchange = null;
    state = State.OPEN;
    boolean mayCome = inputEndedAt == 0 || decoder.hasBufferedBytes();
    if (mayCome && answers.keepsAlive() && !context.connections().isFinishing()) {
      decoder.nextRequest();
    } else {
      finishConnection();
    }
  }

  private void finishConnection() {
    boolean mayStillSend = !requestEnded || decoder.isBroken() || decoder.hasBufferedBytes();
    if (mayStillSend && inputEndedAt == 0) {
      leave(State.CLOSED);
      pipeline.closeLingering();
    } else {
      exchange = null;
      state = State.CLOSING;
      pipeline.closeWhenFlushed();
    }
  }

  @Override
  public void abort() {
    leave(State.CLOSED);
    pipeline.reset();
  }

  @Override
  public void drop() {
    leave(State.CLOSED);
    channel.close();
  }

  @Override
  public Channel upgrade(HttpResponse switching, ChannelHandler relay) {
    var upgraded = exchange;
    leave(State.UPGRADED);
    exchange = upgraded;
    return pipeline.upgrade(this, switching, relay);
  }

  @Override
  public ChannelFuture endOutput() {
    return pipeline.endOutput();
  }

  // --- Endable

  @Override
  public void finishUp() {
    if (state == State.OPEN && exchange == null && !decoder.isInHead()) {
      leave(State.CLOSED);
      channel.close();
    }
  }

  @Override
  public long idleSince() {
    boolean isBusy = isKeyed || state == State.UPGRADED || exchange != null && !exchange.isOver();
    return isBusy ? BUSY : Math.max(lastActivity, holding.movedAt());
  }

  @Override
  public boolean isOnlyEndless() {
    return state == State.UPGRADED || exchange != null && exchange.isEndless();
  }

  @Override
  public void outOfService(AppId appId) {
    if (exchange != null) {
      exchange.outOfService(appId);
    }
  }

  @Override
  public void cut() {
    channel.close();
  }
}
