// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Where the answer goes: decides about framing and keep-alive of the client's side. */
public interface Answers {

  /** {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}. */
  String protocol();

  ByteBufAllocator alloc();

  /** No further request is to come on this connection. */
  void lastRequest();

  /** Whether a 1xx answer may be sent: to HTTP/1 clients only what they have asked for. */
  boolean takesInterim(int status);

  /** Sends a 1xx other than 101. */
  void writeInterim(HttpResponse response);

  /** Sends the head of the final answer. */
  void writeHead(HttpResponse response);

  /** Sends a part of the body; the last one ends the answer. */
  void writeContent(HttpContent content);

  /**
   * Sends what is written.
   *
   * @return whether something was
   */
  boolean flush();

  /**
   * Whether more may be written now; {@link Exchange#clientWritable} tells when that is again so,
   * or a look at the next tick: while memory is short, a client that has not taken everything gets
   * no more.
   */
  boolean isWritable();
}
