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
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
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
  private final Http1ResponseEncoder encoder = new Http1ResponseEncoder();
  private final InetAddress peer;
  private Deadlines.@Nullable Registration registration;
  private State state = State.OPEN;
  private @Nullable Exchange exchange;
  private HttpVersion version = HttpVersion.HTTP_1_1;
  private long lastActivity;
  private long headBegan;
  private long inputEndedAt;
  private boolean keepAlive = true;
  private boolean requestEnded = true;
  private boolean awaitsContinue;
  private boolean unflushed;

  private Http1Connection(ConnectionContext context, Channel channel) {
    this.context = context;
    this.channel = channel;
    this.decoder = new Http1RequestDecoder(context.options().limits().headBytes());
    this.peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    this.lastActivity = context.loop().deadlines().now();
  }

  /** Makes the channel's pipeline one for HTTP/1. */
  static Http1Connection install(ConnectionContext context, Channel channel) {
    var connection = new Http1Connection(context, channel);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.pipeline().addLast(connection.decoder, connection.encoder, connection);
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
    channel.pipeline().remove(encoder);
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
    version = request.protocolVersion();
    keepAlive = HttpUtil.isKeepAlive(request) && !context.connections().isFinishing();
    awaitsContinue = HttpUtil.is100ContinueExpected(request);
    encoder.answersHead(request.method().equals(HttpMethod.HEAD));
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
    start(request, target.path(), target.query());
    var current = exchange;
    if (current != null) {
      context.requests().handle(current);
    }
  }

  private void start(HttpRequest request, String path, @Nullable String query) {
    exchange =
        new Exchange(
            context.ids().incrementAndGet(),
            this,
            request,
            path,
            query,
            context.loop().deadlines(),
            context.observer());
  }

  private void malformed(MalformedRequest malformed) {
    keepAlive = false;
    if (exchange == null) {
      start(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf("-"), ""), "", null);
    }
    var current = exchange;
    if (current != null) {
      current.fail(
          malformed.status(), new UpstreamError(Kind.MALFORMED_REQUEST, malformed.reason()));
    }
  }

  private void content(HttpContent content) {
    boolean isLast = content instanceof LastHttpContent;
    if (isLast) {
      requestEnded = true;
      awaitsContinue = false;
    }
    var current = exchange;
    if (content.decoderResult().isFailure()) {
      content.release();
      keepAlive = false;
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
      keepAlive = false;
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
      keepAlive = false;
      requestEnded = true;
      start(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf("-"), ""), "", null);
      var current = exchange;
      if (current != null) {
        var reason = "no complete request head within " + Limit.CLIENT;
        current.fail(408, new UpstreamError(Kind.CLIENT_TIMEOUT, reason));
      }
    }
  }

  // --- ClientStream

  @Override
  public String protocol() {
    return version.text();
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
    return !version.equals(HttpVersion.HTTP_1_0);
  }

  @Override
  public void writeInterim(HttpResponse response) {
    awaitsContinue &= response.status().code() != 100;
    channel.write(response, channel.voidPromise());
    channel.write(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
    unflushed = true;
  }

  @Override
  public void writeHead(HttpResponse response) {
    var headers = response.headers();
    boolean isHttp10 = version.equals(HttpVersion.HTTP_1_0);
    int status = response.status().code();
    boolean hasLength = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    boolean isChunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    if (isChunked && (isHttp10 || hasLength)) {
      headers.remove(isHttp10 ? HttpHeaderNames.TRANSFER_ENCODING : HttpHeaderNames.CONTENT_LENGTH);
    }
    boolean endsWithConnection = !hasLength && (isHttp10 || !isChunked) && mayHaveBody(status);
    if (endsWithConnection && !isHttp10) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    // A client that was told not to send its body would be out of step on this connection.
    keepAlive &=
        !awaitsContinue
            && !(endsWithConnection && isHttp10)
            && !context.connections().isFinishing();
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (isHttp10) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    channel.write(response, channel.voidPromise());
    unflushed = true;
  }

  private boolean mayHaveBody(int status) {
    var current = exchange;
    return status != 204
        && status != 304
        && (current == null || !current.request().method().equals(HttpMethod.HEAD));
  }

  @Override
  public void writeContent(HttpContent content) {
    channel.write(content, channel.voidPromise());
    lastActivity = context.loop().deadlines().now();
    unflushed = true;
  }

  @Override
  public void flush() {
    if (unflushed) {
      unflushed = false;
      channel.flush();
    }
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
    } else if (keepAlive) {
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
    if (keepAlive && !context.connections().isFinishing()) {
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
    channel.write(switching, channel.voidPromise());
    channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
    channel.pipeline().addLast(relay);
    channel.pipeline().remove(this);
    channel.pipeline().remove(encoder);
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
