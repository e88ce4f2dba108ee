// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.budget.Holder;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.exchange.Client;
import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.LostExApp;
import io.github.harp.proxy.frontend.head.MalformedRequest;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an HTTP/1 connection and an HTTP/2 stream have in common: makes an exchange of a request,
 * and tells it what else comes, whether the client takes more, and when it goes.
 */
public abstract class RequestStream extends ChannelInboundHandlerAdapter
    implements ClientStream, Holder {

  private static final Logger LOG = LoggerFactory.getLogger(RequestStream.class);

  protected final ConnectionContext context;
  protected final Channel channel;
  protected final ConnectedClient client;
  private final Holdings.Holding holding;
  private @Nullable Exchange exchange;

  protected RequestStream(ConnectionContext context, Channel channel, ConnectedClient client) {
    this.context = context;
    this.channel = channel;
    this.client = client;
    this.holding = context.loop().holdings().open(this);
    channel.closeFuture().addListener(closed -> holding.close());
  }

  public final Channel channel() {
    return channel;
  }

  @Override
  public final Client client() {
    return client;
  }

  @Override
  public final Holdings.Holding holding() {
    return holding;
  }

  @Override
  public boolean asksForUpgrade() {
    return false;
  }

  /** The one under way, or over but for what still comes of its request. */
  protected final @Nullable Exchange exchange() {
    return exchange;
  }

  /** Whether it may last for as long as both sides like. */
  public final boolean isEndless() {
    return exchange != null && exchange.isEndless();
  }

  /** Whether the client waits for an answer, or for more of it. */
  protected final boolean isBusy() {
    return exchange != null && !exchange.isOver();
  }

  /**
   * Looks at the limits of the one under way.
   *
   * @return false when none is
   */
  protected final boolean checkExchange() {
    if (exchange == null || exchange.isOver()) {
      return false;
    }
    exchange.checkLimit();
    return true;
  }

  /** Has nothing more to do with it. */
  protected final void forget() {
    exchange = null;
  }

  protected final long now() {
    return context.loop().deadlines().now();
  }

  // --- what the client sends

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request) {
      begin(request);
    } else if (message instanceof HttpContent content) {
      content(content);
    } else if (message instanceof MalformedRequest malformed) {
      refuse(malformed);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** A head has come. */
  protected abstract void begin(HttpRequest request);

  protected final void begin(HttpRequest request, RequestTarget target) {
    var begun = context.begin(this, request, target);
    exchange = begun;
    context.requests().handle(begun);
  }

  /** A part of a body has come; owns it. */
  protected abstract void content(HttpContent content);

  /** Answers what can't be read. */
  protected void refuse(MalformedRequest malformed) {
    var begun = context.beginUnread(this);
    exchange = begun;
    begun.fail(malformed.status(), new Failure(malformed.kind(), malformed.reason()));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.handling().contentReadComplete();
    }
    answers().flush();
    settle();
  }

  // --- what the client takes

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    settle();
    if (exchange != null && channel.isWritable()) {
      exchange.clientWritable();
    }
  }

  /**
   * Tells what is kept beside what the exchange keeps.
   *
   * @return how much more it is than before
   */
  protected final long keep(long bytes) {
    long kept = bytes;
    long passed = 0;
    if (exchange != null) {
      kept += exchange.handling().heldBytes();
      passed = exchange.account().bytes();
    }
    return holding.set(kept, passed - kept);
  }

  // --- its end

  /** Ends what is under way to this ExApp. */
  public final void outOfService(LostExApp exApp) {
    if (exchange != null) {
      exchange.outOfService(exApp);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    context.loop().errors().look(cause);
    if (!ClientFailures.isOrdinary(cause)) {
      LOG.warn("a failure in the handling of {} ends it", client.peer(), cause);
    }
    gone(HarpException.reasonOf(cause));
    ctx.close();
  }

  @Override
  public final boolean handOver(HttpResponse switching, ChannelHandler next) {
    // HTTP/2 has its own for the connection that streams share.
    if (!(this instanceof ClientConnections.Endable whole)) {
      return false;
    }
    upgrade(switching, next);
    context.connections().remove(whole);
    holding.close();
    return true;
  }

  /** The client is not there any more. */
  protected void gone(String how) {
    var last = exchange;
    exchange = null;
    if (last != null) {
      last.clientGone(new Failure(Kind.CLIENT_GONE, how));
    }
  }
}
