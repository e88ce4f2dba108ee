// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.proxy.RequestRecord.UpstreamError;
import io.github.harp.proxy.RequestRecord.UpstreamError.Kind;
import io.github.harp.proxy.forward.ClientStream;
import io.github.harp.proxy.forward.Deadlines;
import io.github.harp.proxy.forward.Exchange;
import io.github.harp.proxy.forward.Limit;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/1 connection: one request after the other, each answered before the next. */
final class Http1Connection extends ChannelInboundHandlerAdapter
    implements ClientStream, Deadlines.Watched, ClientConnections.Endable {

  /** How long a client that has closed its sending half may still take its answer. */
  private static final long HALF_CLOSED_GRACE_NANOS = 2_000_000_000L;

  private enum State {
    /** A request is awaited or in progress. */
    OPEN,
    /** The answer is complete, the rest of its request is still coming. */
    DRAINING,
    /** The last answer is sent; what the client still sends is thrown away until it closes. */
    LINGERING,
    /** Bytes of another protocol pass; this handler is out of the pipeline. */
    TUNNEL,
    CLOSED
  }

  private final ConnectionContext context;
  private final Channel channel;
  private final Http1RequestDecoder decoder;
  private final Http1ResponseWriter answers;
  private final InetAddress peer;
  private Deadlines.@Nullable Registration registration;
  private State state = State.OPEN;
  private @Nullable Exchange exchange;
  private long lastActivity;
  private long headBegan;
  private long inputEndedAt;
  private boolean requestEnded = true;

  private Http1Connection(ConnectionContext context, Channel channel) {
    this.context = context;
    this.channel = channel;
    this.decoder = new Http1RequestDecoder(context.options().limits().headBytes());
    this.answers = new Http1ResponseWriter(channel);
    this.peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    this.lastActivity = context.loop().deadlines().now();
  }

  /** Makes the channel's pipeline one for HTTP/1. */
  static Http1Connection install(ConnectionContext context, Channel channel) {
    var connection = new Http1Connection(context, channel);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.pipeline().addLast(connection.decoder, connection.answers.encoder(), connection);
    connection.registration = context.loop().deadlines().watch(connection);
    context.connections().add(connection);
    return connection;
  }

  /** It is HTTP/2 after all: leaves the pipeline before anything has been read. */
  void uninstall() {
    state = State.CLOSED;
    unwatch();
    context.connections().remove(this);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    channel.pipeline().remove(decoder);
    channel.pipeline().remove(answers.encoder());
    channel.pipeline().remove(this);
  }

  @Override
  public Channel channel() {
    return channel;
  }

  // --- what the client sends

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    lastActivity = context.loop().deadlines().now();
    if (state == State.LINGERING || state == State.CLOSED) {
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
    var problem = RequestHeadRules.check(request);
    var target = RequestTarget.parse(request.method().name(), request.uri());
    if (problem == null && target == null) {
      problem = new MalformedRequest("a request target in none of the four forms");
    }
    if (problem == null && target != null && target.authority() != null) {
      request.headers().set(HttpHeaderNames.HOST, target.authority());
      if (!RequestHeadRules.isAuthority(target.authority())) {
        problem = new MalformedRequest("a request target whose host is not one");
      }
    }
    if (problem != null || target == null) {
      malformed(problem == null ? new MalformedRequest("target") : problem);
      return;
    }
    context.requests().handle(start(request, target.path(), target.query()));
  }

  private Exchange start(HttpRequest request, String path, @Nullable String query) {
    var started =
        new Exchange(
            context.ids().incrementAndGet(),
            this,
            request,
            path,
            query,
            context.loop().deadlines(),
            context.observer());
    exchange = started;
    return started;
  }

  /** For a request that could not be read. */
  private Exchange startUnread() {
    return start(
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf("-"), ""), "", null);
  }

  private void malformed(MalformedRequest malformed) {
    answers.endAfterThis();
    startUnread()
        .fail(malformed.status(), new UpstreamError(Kind.MALFORMED_REQUEST, malformed.reason()));
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
        current.clientBroke(400, new UpstreamError(Kind.MALFORMED_REQUEST, reason));
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
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
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
      answers.endAfterThis();
      inputEndedAt = System.nanoTime();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone("closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    gone(String.valueOf(cause.getMessage()));
    ctx.close();
  }

  private void gone(String how) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    unwatch();
    var current = exchange;
    exchange = null;
    if (current != null) {
      current.clientGone(new UpstreamError(Kind.CLIENT_GONE, how));
    }
  }

  private void unwatch() {
    if (registration != null) {
      registration.cancel();
    }
  }

  // --- limits

  @Override
  public void check(long now) {
    if (inputEndedAt != 0 && now - Math.max(inputEndedAt, lastActivity) > HALF_CLOSED_GRACE_NANOS) {
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
    } else if (deadlines.isExpired(Limit.CLIENT, lastActivity)
        || state == State.LINGERING && now - lastActivity > HALF_CLOSED_GRACE_NANOS) {
      gone("sent nothing within " + Limit.CLIENT);
      channel.close();
    }
  }

  /** The limit of a head counts from its first byte, whatever trickles in. */
  private void checkHead(long now) {
    if (headBegan == 0) {
      headBegan = now;
    } else if (context.loop().deadlines().isExpired(Limit.CLIENT, headBegan)) {
      answers.endAfterThis();
      requestEnded = true;
      var reason = "no complete request head within " + Limit.CLIENT;
      startUnread().fail(408, new UpstreamError(Kind.CLIENT_TIMEOUT, reason));
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
  public boolean takesInterimResponses() {
    return !answers.isHttp10();
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
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
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
    if (answers.keepsAlive() && !context.connections().isFinishing()) {
      decoder.nextRequest();
    } else {
      finishConnection();
    }
  }

  private void finishConnection() {
    exchange = null;
    if (requestEnded && !decoder.hasBufferedBytes()) {
      state = State.CLOSED;
      unwatch();
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      linger();
    }
  }

  /**
   * Ends our half only: closing while the client still sends would make its kernel throw the answer
   * away.
   */
  private void linger() {
    state = State.LINGERING;
    decoder.discardAll();
    endOutput();
  }

  @Override
  public void abort() {
    exchange = null;
    state = State.CLOSED;
    unwatch();
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    channel.close();
  }

  @Override
  public void drop() {
    exchange = null;
    state = State.CLOSED;
    unwatch();
    channel.close();
  }

  @Override
  public Channel upgrade(HttpResponse switching, ChannelHandler relay) {
    state = State.TUNNEL;
    unwatch();
    answers.switchProtocols(switching);
    channel.pipeline().addLast(relay);
    channel.pipeline().remove(this);
    channel.pipeline().remove(answers.encoder());
    channel.pipeline().remove(decoder);
    return channel;
  }

  @Override
  public ChannelFuture endOutput() {
    var tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    }
    // Only once all is written: what is still queued would be thrown away.
    return channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            flushed -> {
              if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
              } else {
                channel.close();
              }
            });
  }

  // --- Endable

  @Override
  public void finishUp() {
    if (state == State.OPEN && exchange == null && !decoder.isInHead()) {
      state = State.CLOSED;
      unwatch();
      channel.close();
    }
  }

  @Override
  public boolean isOnlyEndless() {
    return state == State.TUNNEL || exchange != null && exchange.isEndless();
  }
}
