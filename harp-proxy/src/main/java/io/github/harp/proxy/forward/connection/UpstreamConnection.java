// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.HarpException;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.budget.SparingReads;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 connection to an upstream: in use by one forwarding, or idle in the pool. */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {

  /** Whose request it carries. */
  public interface User {

    /** A part of the answer; owns it. */
    void upstreamRead(HttpObject part);

    void upstreamReadComplete();

    /** It takes more of the request. */
    void upstreamWritable();

    /** It has ended, and is nobody's any more. */
    void upstreamGone(String how);
  }

  private final Upstream upstream;
  private final String name;
  private final Channel channel;
  private final UpstreamPool pool;
  private final LoopResources loop;
  private final AnswerDecoder decoder;
  private final HttpRequestEncoder encoder = new HttpRequestEncoder();
  private @Nullable User user;
  private @Nullable HttpRequest heldHead;
  private @Nullable String writeFailure;
  private long idleSince;
  private boolean used;
  private boolean mayHaveLeftovers;
  private boolean hasCarriedTrailers;

  private UpstreamConnection(Upstream upstream, Channel channel, UpstreamPool pool) {
    this.upstream = upstream;
    this.name = upstream.toString();
    this.channel = channel;
    this.pool = pool;
    this.loop = pool.loop();
    this.decoder = new AnswerDecoder(loop.turns());
  }

  /** Takes over a channel that has just been connected. */
  static UpstreamConnection over(Upstream upstream, Channel channel, UpstreamPool pool) {
    var connection = new UpstreamConnection(upstream, channel, pool);
    // An ExApp that answers and closes without reading the whole body makes a write fail before its
    // answer is read; a socket that is closed for that would lose it.
    channel.config().setAutoClose(!(channel instanceof DuplexChannel));
    SparingReads.install(channel, pool.loop().holdings().budget());
    channel.pipeline().addLast(connection.decoder, connection.encoder, connection);
    return connection;
  }

  Upstream upstream() {
    return upstream;
  }

  /** The upstream's in the log; made once, not for each request. */
  public String name() {
    return name;
  }

  /** Whether it takes more; while memory is short, only what it can send at once. */
  public boolean isWritable() {
    return loop.takesMore(channel);
  }

  /** Bytes that the upstream does not take. */
  public long unsentBytes() {
    return UnsentBytes.of(channel);
  }

  /** About what has come of a head, or of trailers, that are not whole yet. */
  public long unfinishedBytes() {
    return decoder.unfinishedBytes();
  }

  /** Whether even a head that has begun is to wait outside. */
  public boolean isToWait() {
    return loop.isUrgent() && unfinishedBytes() > 0;
  }

  public boolean isActive() {
    return channel.isActive();
  }

  /** Whether another request may be sent: nothing has come that nobody asked for. */
  boolean isInStep() {
    return channel.isActive() && !decoder.hasBufferedBytes();
  }

  /** Whether its last answer had no body, behind which some servers send one all the same. */
  boolean mayHaveLeftovers() {
    return mayHaveLeftovers;
  }

  public void answeredWithoutBody(boolean value) {
    mayHaveLeftovers = value;
  }

  /** Some servers add a request's trailers to the head of the next, which may be another's. */
  public void carriesTrailers() {
    hasCarriedTrailers = true;
  }

  /** What was wrong with the head of the answer and forgiven; null for nothing. */
  public @Nullable String lenience() {
    return decoder.lenience();
  }

  /** Whether the head of the answer said that bytes follow it, be they allowed or not. */
  public boolean announcesBody() {
    return decoder.announcesBody();
  }

  long idleSince() {
    return idleSince;
  }

  /** Whether it has served a request before this one. */
  public boolean isReused() {
    return used;
  }

  public void use(User next) {
    user = next;
    read(true);
  }

  /** The head waits for what follows: a request without a body becomes one write. */
  public void writeHead(HttpRequest request) {
    decoder.expectAnswerTo(request.method());
    heldHead = request;
  }

  public void writeContent(HttpContent content) {
    var head = heldHead;
    if (head != null && content == LastHttpContent.EMPTY_LAST_CONTENT) {
      heldHead = null;
      channel.write(
          new DefaultFullHttpRequest(
              head.protocolVersion(),
              head.method(),
              head.uri(),
              Unpooled.EMPTY_BUFFER,
              head.headers(),
              EmptyHttpHeaders.INSTANCE),
          channel.voidPromise());
      return;
    }
    writeHeldHead();
    channel.write(content, channel.voidPromise());
  }

  private void writeHeldHead() {
    var head = heldHead;
    if (head != null) {
      heldHead = null;
      channel.write(head, channel.voidPromise());
    }
  }

  public void flush() {
    writeHeldHead();
    channel.flush();
  }

  public void read(boolean wanted) {
    decoder.read(channel, wanted);
  }

  /** Its exchange is complete in both directions. */
  public void release() {
    user = null;
    used = true;
    if (hasCarriedTrailers || !isInStep()) {
      abort();
      return;
    }
    read(true);
    idleSince = loop.deadlines().now();
    pool.put(this);
  }

  public void close() {
    user = null;
    channel.close();
  }

  /**
   * Closes it without waiting for the other side. The kernel keeps the port of a connection that we
   * end in order for a minute: clients that come and go, or ask for what leaves it unusable, would
   * leave none to reach the upstream from.
   */
  public void abort() {
    if (channel.isActive() && channel instanceof SocketChannel socket) {
      socket.config().setSoLinger(0);
    }
    close();
  }

  /** After a 101: what is written to the channel from now on is sent as it is. */
  public Channel rawOutput() {
    channel.config().setAutoClose(true);
    channel.pipeline().remove(encoder);
    return channel;
  }

  /** After {@link #rawOutput}: {@code relay} reads what comes from now on, and what has come. */
  public void upgrade(ChannelHandler relay) {
    user = null;
    channel.pipeline().addLast(relay);
    channel.pipeline().remove(this);
    channel.pipeline().remove(decoder);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var current = user;
    if (current != null && message instanceof HttpObject part) {
      current.upstreamRead(part);
      return;
    }
    boolean hasBytes = !(message instanceof ByteBuf bytes) || bytes.isReadable();
    ReferenceCountUtil.release(message);
    if (current == null && hasBytes) {
      outOfStep();
    }
  }

  /** An answer that nobody asked for would be taken for that of the next request. */
  private void outOfStep() {
    pool.remove(this);
    channel.close();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (user != null) {
      user.upstreamReadComplete();
    } else if (decoder.hasBufferedBytes()) {
      outOfStep();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (user != null && channel.isWritable()) {
      user.upstreamWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone(writeFailure == null ? "closed the connection" : writeFailure);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.errors().look(cause);
    var message = HarpException.reasonOf(cause);
    if (cause instanceof IOException && channel.isActive() && !channel.config().isAutoClose()) {
      // What can still be read comes first; the end of it closes the channel.
      writeFailure = writeFailure == null ? message : writeFailure;
      return;
    }
    gone(message);
    ctx.close();
  }

  private void gone(String how) {
    var current = user;
    user = null;
    if (current != null) {
      current.upstreamGone(how);
    } else {
      pool.remove(this);
    }
  }
}
