// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.budget.Backlog;
import io.github.harp.proxy.budget.Holder;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.budget.SmallCopy;
import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Footprint;
import io.github.harp.proxy.exchange.Limit;
import io.github.harp.proxy.frontend.connection.ClientFailures;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.github.harp.proxy.frontend.head.MalformedRequest;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request of an HTTP/2 connection. */
final class Http2Stream extends ChannelInboundHandlerAdapter implements ClientStream, Holder {

  private static final Logger LOG = LoggerFactory.getLogger(Http2Stream.class);

  private final ConnectionContext context;
  private final Http2Connection connection;
  private final Channel channel;
  private final Holdings.Holding holding;
  private @Nullable Exchange exchange;
  private final Http2StreamCodec codec = new Http2StreamCodec();
  private @Nullable ChannelFuture lastWrite;
  private long lastActivity;
  private boolean isExtendedConnect;
  private boolean requestEnded;
  private boolean unflushed;
  private boolean isUpgraded;
  private long keptUnsent;
  private long trailerBytes;

  Http2Stream(ConnectionContext context, Http2Connection connection, Channel channel) {
    this.context = context;
    this.connection = connection;
    this.channel = channel;
    this.holding = context.loop().holdings().open(this);
    this.lastActivity = context.loop().deadlines().now();
    connection.opened(this);
    channel.closeFuture().addListener(closed -> letGo());
  }

  /** What turns the stream's frames into HTTP objects; before this handler in the pipeline. */
  Http2StreamCodec codec() {
    return codec;
  }

  boolean isEndless() {
    return exchange != null && exchange.isEndless();
  }

  void outOfService(AppId appId) {
    if (exchange != null) {
      exchange.outOfService(appId);
    }
  }

  /** Tells what is kept: answers that the client, and bytes that the ExApp does not take. */
  @Override
  public void settle() {
    if (isUpgraded) {
      return;
    }
    var current = exchange;
    long unsent = Backlog.of(channel);
    long kept = unsent + waitingTrailers();
    long passed = 0;
    if (current != null) {
      kept += current.handling().heldBytes();
      passed = current.passed();
    }
    holding.set(kept, passed - kept);
    connection.keeps(unsent - keptUnsent);
    keptUnsent = unsent;
  }

  /** They wait behind what the client's window holds back, and count there as nothing. */
  private long waitingTrailers() {
    return lastWrite == null || lastWrite.isDone() ? 0 : trailerBytes;
  }

  private void letGo() {
    holding.close();
    connection.keeps(-keptUnsent);
    keptUnsent = 0;
  }

  void checkLimit() {
    settle();
    if (exchange != null && !exchange.isOver()) {
      exchange.checkLimit();
    } else if (context
        .loop()
        .deadlines()
        .isExpired(Limit.CLIENT, Math.max(lastActivity, holding.movedAt()))) {
      reset(Http2Error.CANCEL);
    }
  }

  // --- what the client sends

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request) {
      begin(request);
    } else if (message instanceof HttpContent content) {
      content(content);
    } else if (message instanceof MalformedRequest malformed) {
      var begun = context.beginUnread(this);
      exchange = begun;
      begun.fail(malformed.status(), new Failure(Kind.MALFORMED_REQUEST, malformed.reason()));
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    var target = RequestTarget.parse(request.method().name(), request.uri());
    if (target == null) {
      throw new IllegalStateException("the codec passes no target without a form");
    }
    isExtendedConnect = request.headers().contains(HttpHeaderNames.UPGRADE);
    var begun = context.begin(this, request, target.path(), target.query());
    exchange = begun;
    context.requests().handle(begun);
  }

  private void content(HttpContent content) {
    lastActivity = context.loop().deadlines().now();
    connection.passed(content.content().readableBytes());
    requestEnded |= content instanceof LastHttpContent;
    if (exchange == null) {
      content.release();
    } else {
      exchange.content(content);
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

  @Override
  public void shed() {
    var current = exchange;
    if (current == null || current.isOver() || current.isAnswered()) {
      reset(Http2Error.ENHANCE_YOUR_CALM);
    }
    if (current != null) {
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

  /** Its connection has become full, or has room again. */
  void connectionFull(boolean isFull) {
    if (exchange != null && isFull) {
      exchange.clientFull();
    } else if (exchange != null && channel.isWritable()) {
      exchange.clientWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed("reset the stream");
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    // An upgraded stream has its own handler; the connection still has to know when the stream
    // ends.
    channel.closeFuture().addListener(done -> connection.closed(this));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    context.loop().errors().look(cause);
    if (!ClientFailures.isOrdinary(cause)) {
      LOG.warn("a stream of {} is closed because of a failure in its handling", peer(), cause);
    }
    closed(HarpException.reasonOf(cause));
    ctx.close();
  }

  private void closed(String how) {
    connection.closed(this);
    if (exchange != null) {
      exchange.clientGone(new Failure(Kind.CLIENT_GONE, how));
    }
  }

  // --- ClientStream

  @Override
  public String protocol() {
    return "HTTP/2";
  }

  @Override
  public InetAddress peer() {
    return ((InetSocketAddress) channel.parent().remoteAddress()).getAddress();
  }

  @Override
  public ByteBufAllocator alloc() {
    return channel.alloc();
  }

  @Override
  public boolean isOnReserve() {
    return connection.isOnReserve();
  }

  @Override
  public void keyed() {
    connection.keyed(peer());
  }

  @Override
  public void lastRequest() {
    connection.finishUp();
  }

  @Override
  public Holdings.Holding holding() {
    return holding;
  }

  @Override
  public boolean takesInterim(int status) {
    return true;
  }

  @Override
  public boolean asksForUpgrade() {
    return isExtendedConnect;
  }

  @Override
  public void writeInterim(HttpResponse response) {
    channel.write(response);
    channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
    unflushed = true;
  }

  @Override
  public void writeHead(HttpResponse response) {
    channel.write(response);
    unflushed = true;
  }

  @Override
  public void writeContent(HttpContent content) {
    if (content instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
      trailerBytes = Footprint.ofHeaders(last.trailingHeaders());
    }
    boolean waits = !connection.takes(channel, content.content().readableBytes());
    lastWrite = channel.write(waits ? SmallCopy.of(content, channel.alloc()) : content);
    unflushed = true;
  }

  @Override
  public void flush() {
    if (unflushed) {
      unflushed = false;
      channel.flush();
      settle();
      connection.settle();
    }
  }

  @Override
  public boolean isWritable() {
    boolean isSparing = connection.isCrowded() || context.isShort();
    return channel.isWritable()
        && !connection.isFull()
        && !(isSparing && Backlog.of(channel) + waitingTrailers() > 0);
  }

  @Override
  public void pauseBody() {
    if (!requestEnded) {
      channel.config().setAutoRead(false);
    }
  }

  @Override
  public void resumeBody() {
    if (!requestEnded) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void responseEnded() {
    if (isExtendedConnect || exchange == null || !exchange.takesRestOfBody()) {
      discardBody();
    }
  }

  @Override
  public void discardBody() {
    boolean clientIsOpen = !requestEnded || isExtendedConnect;
    if (clientIsOpen && lastWrite != null) {
      // Only once the answer is sent: a reset takes back what is queued.
      lastWrite.addListener(sent -> reset(Http2Error.NO_ERROR));
    }
  }

  @Override
  public void abort() {
    reset(Http2Error.INTERNAL_ERROR);
  }

  @Override
  public void drop() {
    reset(Http2Error.CANCEL);
  }

  private void reset(Http2Error error) {
    channel.writeAndFlush(new DefaultHttp2ResetFrame(error));
  }

  @Override
  public Channel upgrade(HttpResponse switching, ChannelHandler relay) {
    isUpgraded = true;
    channel.writeAndFlush(switching);
    channel.pipeline().addLast(relay);
    channel.pipeline().remove(this);
    return channel;
  }

  @Override
  public ChannelFuture endOutput() {
    return codec.endOutput();
  }
}
