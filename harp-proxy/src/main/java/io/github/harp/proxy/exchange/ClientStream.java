// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.proxy.budget.Holdings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import java.net.InetAddress;

/**
 * The client's side of one request: an HTTP/1 connection that is busy with it, or an HTTP/2 stream.
 * Confined to the event loop of its connection.
 */
public interface ClientStream {

  /** {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}. */
  String protocol();

  InetAddress peer();

  ByteBufAllocator alloc();

  /** Whether its connection is one of the last, where only callers with the key are served. */
  boolean isOnReserve();

  /** The caller has shown the key, without a proxy in between. */
  void keyed();

  /** No further request is to come on its connection. */
  void lastRequest();

  /** What it makes us keep. */
  Holdings.Holding holding();

  /** Whether a 1xx answer may be sent: to HTTP/1 clients only what they have asked for. */
  boolean takesInterim(int status);

  /** An extended CONNECT of HTTP/2: a 2xx would tell the client that it is upgraded. */
  boolean asksForUpgrade();

  /** Sends a 1xx other than 101. */
  void writeInterim(HttpResponse response);

  /**
   * Sends the head of the final answer; decides about framing and keep-alive of the client's side.
   */
  void writeHead(HttpResponse response);

  /** Sends a part of the body; the last one ends the answer. */
  void writeContent(HttpContent content);

  void flush();

  /** Counts anew what is kept for it, when something is that has not been written to it. */
  void settle();

  /**
   * Whether more may be written now; {@link Exchange#clientWritable} tells when that is again so,
   * or a look at the next tick: while memory is short, a client that has not taken everything gets
   * no more.
   */
  boolean isWritable();

  /** No content of the request is wanted until {@link #resumeBody}. */
  void pauseBody();

  void resumeBody();

  /** The answer is written and flushed; the rest of the request may still be taken. */
  void responseEnded();

  /** The answer is complete and nobody takes the rest of the request any more. */
  void discardBody();

  /** Ends the connection or stream so that the client sees that the answer is not complete. */
  void abort();

  /** Ends it without a byte of an answer. */
  void drop();

  /**
   * Sends a 101 and turns the stream into bytes, which {@code relay} reads and writes from now on.
   *
   * @return the channel that {@code relay} sits in
   */
  Channel upgrade(HttpResponse switching, ChannelHandler relay);

  /** After an upgrade: tells the client that no more bytes will come, once all are sent. */
  ChannelFuture endOutput();
}
