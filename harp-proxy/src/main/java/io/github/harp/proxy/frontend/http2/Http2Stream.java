// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.exchange.Answers;
import io.github.harp.proxy.exchange.RequestBody;
import io.github.harp.proxy.frontend.connection.ConnectionContext;
import io.github.harp.proxy.frontend.connection.RequestStream;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.github.harp.proxy.loop.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;

/** One request of an HTTP/2 connection. */
final class Http2Stream extends RequestStream implements RequestBody {

  private final Http2Connection connection;
  private final Http2RequestDecoder decoder = new Http2RequestDecoder();
  private final Http2ResponseWriter answers;
  private long lastRead;
  private boolean isExtendedConnect;
  private boolean requestEnded;
  private boolean isUpgraded;
  private long keptUnsent;
  private long toldBytes;

  private Http2Stream(ConnectionContext context, Http2Connection connection, Channel channel) {
    super(context, channel, connection.client());
    this.connection = connection;
    this.answers = new Http2ResponseWriter(connection, channel);
    this.lastRead = now();
  }

  /** Makes the channel's pipeline one for a request. */
  static void install(ConnectionContext context, Http2Connection connection, Channel channel) {
    var stream = new Http2Stream(context, connection, channel);
    channel.pipeline().addLast(stream.decoder, stream);
    connection.opened(stream);
    channel.closeFuture().addListener(closed -> stream.letGo());
  }

  @Override
  public Answers answers() {
    return answers;
  }

  @Override
  public RequestBody body() {
    return this;
  }

  @Override
  public boolean asksForUpgrade() {
    return isExtendedConnect;
  }

  // --- what the client sends

  @Override
  protected void begin(HttpRequest request) {
    isExtendedConnect = request.headers().contains(HttpHeaderNames.UPGRADE);
    begin(request, RequestTarget.ofPath(request.uri()));
  }

  @Override
  protected void content(HttpContent content) {
    lastRead = now();
    requestEnded |= content instanceof LastHttpContent;
    var current = exchange();
    if (current == null) {
      content.release();
    } else {
      current.content(content);
    }
  }

  @Override
  public void pause() {
    if (!requestEnded) {
      channel.config().setAutoRead(false);
    }
  }

  @Override
  public void resume() {
    if (!requestEnded) {
      channel.config().setAutoRead(true);
    }
  }

  /** Only once the answer is sent: a reset takes back what is queued. */
  @Override
  public void discard() {
    var last = answers.lastWrite();
    if (last != null && isClientOpen()) {
      last.addListener(sent -> stopClient());
    }
  }

  /** An answer may be quicker than the end of a request that comes with its head. */
  private void stopClient() {
    if (isClientOpen()) {
      reset(Http2Error.NO_ERROR);
    }
  }

  private boolean isClientOpen() {
    return !requestEnded || isExtendedConnect;
  }

  // --- what is kept, and for how long

  @Override
  public void settle() {
    tellWhatIsKept();
    connection.settle();
  }

  private void tellWhatIsKept() {
    if (!isUpgraded) {
      long unsent = answers.unsent();
      keep(unsent);
      connection.keeps(unsent - keptUnsent);
      keptUnsent = unsent;
      tellProgress();
    }
  }

  private void tellProgress() {
    var current = exchange();
    if (current != null) {
      long bytes = current.account().bytes();
      connection.passed(bytes - toldBytes);
      toldBytes = bytes;
    }
  }

  private void letGo() {
    connection.keeps(-keptUnsent);
    keptUnsent = 0;
  }

  @Override
  public void shed() {
    var current = exchange();
    if (current == null || current.isOver() || current.account().isAnswered()) {
      reset(Http2Error.ENHANCE_YOUR_CALM);
    }
    if (current != null) {
      current.cutOff();
    }
  }

  /** Its connection has become full, or has room again. */
  void connectionFull(boolean isFull) {
    var current = exchange();
    if (current != null && isFull) {
      current.handling().clientFull();
    } else if (current != null && channel.isWritable()) {
      current.clientWritable();
    }
  }

  /** Called at each tick, before the connection settles. */
  void check() {
    tellWhatIsKept();
    var since = Math.max(lastRead, holding().movedAt());
    if (!checkExchange() && context.loop().deadlines().isExpired(Limit.CLIENT, since)) {
      reset(Http2Error.CANCEL);
    }
  }

  // --- its end

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone("reset the stream");
  }

  @Override
  protected void gone(String how) {
    connection.closed(this);
    super.gone(how);
  }

  @Override
  public void responseEnded() {
    var current = exchange();
    if (isExtendedConnect || current == null || !current.handling().takesRestOfBody()) {
      discard();
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

  @Override
  public boolean isTriedAgainWhenDropped() {
    return false;
  }

  private void reset(Http2Error error) {
    channel.writeAndFlush(new DefaultHttp2ResetFrame(error));
  }

  /** The connection still has to know when the stream ends. */
  @Override
  public Channel upgrade(HttpResponse switching, ChannelHandler relay) {
    isUpgraded = true;
    answers.switchProtocols(switching);
    channel.pipeline().addLast(new Http2Bytes(), relay);
    channel.pipeline().remove(decoder);
    channel.pipeline().remove(this);
    channel.closeFuture().addListener(closed -> connection.closed(this));
    return channel;
  }

  @Override
  public ChannelFuture endOutput() {
    return channel.writeAndFlush(new DefaultHttp2DataFrame(true));
  }
}
