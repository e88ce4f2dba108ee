// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.proxy.budget.Holdings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpResponse;

/**
 * The client's side of one request: an HTTP/1 connection that is busy with it, or an HTTP/2 stream.
 * Says whose it is, where the answer goes and where the body comes from, and ends it. Confined to
 * the event loop of its connection.
 */
public interface ClientStream {

  Client client();

  Answers answers();

  RequestBody body();

  /** An extended CONNECT of HTTP/2: a 2xx would tell the client that it is upgraded. */
  boolean asksForUpgrade();

  /** What it makes us keep. */
  Holdings.Holding holding();

  /**
   * Counts anew what is kept for it: answers that the client, and bytes that the upstream does not
   * take.
   */
  void settle();

  /** The answer is written and flushed; the rest of the request may still be taken. */
  void responseEnded();

  /** Ends the connection or stream so that the client sees that the answer is not complete. */
  void abort();

  /** Ends it without a byte of an answer. */
  void drop();

  /**
   * Whether a client that gets no answer sends the request again by itself, since the connection
   * may just have been too old (RFC 9110, section 9.2.2).
   */
  boolean isTriedAgainWhenDropped();

  /**
   * Sends a 101 and turns the stream into bytes, which {@code relay} reads and writes from now on.
   *
   * @return the channel that {@code relay} sits in
   */
  Channel upgrade(HttpResponse switching, ChannelHandler relay);

  /**
   * The same where the connection is not the proxy's any more: nobody here watches it, or ends it.
   *
   * @return false, and nothing is done, where other requests share the connection
   */
  boolean handOver(HttpResponse switching, ChannelHandler next);

  /** After an upgrade: tells the client that no more bytes will come, once all are sent. */
  ChannelFuture endOutput();
}
