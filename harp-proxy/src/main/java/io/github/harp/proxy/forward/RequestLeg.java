// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.forward.connection.UpstreamConnection;
import io.github.harp.proxy.forward.head.ForwardedTrailers;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * The request on its way to the upstream: held while there is no connection, then passed on as it
 * comes, with back pressure to the client.
 *
 * <pre>
 * from              to        when
 * HELD              HEAD      there is a connection
 * HEAD              BODY      the first byte of a body
 * HEAD, BODY        SENT      its end
 * HEAD, SENT        HELD      it is sent again ({@link Retry})
 * each              DROPPED   nobody takes what may still come
 * </pre>
 */
final class RequestLeg {

  enum State {
    HELD,
    HEAD,
    BODY,
    SENT,
    DROPPED;

    boolean mayBecome(State next) {
      return switch (next) {
        case HELD -> this == HEAD || this == SENT;
        case HEAD -> this == HELD;
        case BODY -> this == HEAD;
        case SENT -> this == HEAD || this == BODY;
        case DROPPED -> true;
      };
    }
  }

  private final Exchange exchange;
  private final EarlyContent early = new EarlyContent();
  private final boolean hasBody;
  private State state = State.HELD;
  private boolean paused;
  private boolean unflushed;

  RequestLeg(Exchange exchange) {
    this.exchange = exchange;
    var head = exchange.request();
    this.hasBody =
        head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
            || HttpUtil.getContentLength(head, 0L) > 0;
  }

  private void become(State next) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException("a request that is " + state + " can't become " + next);
    }
    state = next;
  }

  /** Whether there is something that the upstream may go on reading after its answer. */
  boolean hasBody() {
    return hasBody;
  }

  boolean isSent() {
    return state == State.SENT;
  }

  /**
   * Whether it may be sent on another connection ({@link Retry}).
   *
   * @param reused whether its connection had served another one
   * @param answered whether anything of an answer has come
   */
  boolean mayBeSentAgain(Retry.Instead instead, boolean reused, boolean answered) {
    return Retry.isSafe(instead, reused, answered, exchange.request().method(), hasBody, state);
  }

  /**
   * Writes the head, and what has come already, to its connection.
   *
   * @return false when a part can't be passed on
   */
  boolean start(UpstreamConnection to) {
    become(State.HEAD);
    to.writeHead(exchange.request());
    unflushed = true;
    early.passOnTo(part -> content(part, to));
    return state != State.DROPPED;
  }

  /**
   * A part of the body has come; owns it.
   *
   * @return false when it can't be passed on: nothing more is, from now on
   */
  boolean content(HttpContent content, @Nullable UpstreamConnection to) {
    if (state == State.HELD) {
      early.add(content);
      return true;
    }
    if (state == State.DROPPED || to == null) {
      content.release();
      return true;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      drop();
      return false;
    }
    if (state == State.HEAD && content.content().isReadable()) {
      become(State.BODY);
    }
    if (content instanceof LastHttpContent last) {
      become(State.SENT);
      ForwardedTrailers.toUpstream(last.trailingHeaders());
      if (!last.trailingHeaders().isEmpty()) {
        to.carriesTrailers();
      }
    }
    unflushed = true;
    to.writeContent(content);
    if (!to.isWritable() && !isSent()) {
      pause();
    }
    return true;
  }

  /** Whether there was something to flush. */
  boolean flush(@Nullable UpstreamConnection to) {
    if (!unflushed || to == null) {
      return false;
    }
    unflushed = false;
    to.flush();
    if (!to.isReused()) {
      exchange.headSent();
    }
    return true;
  }

  /** Its connection was of no use: what is known of it waits for the next one. */
  void hold() {
    become(State.HELD);
    if (exchange.isRequestEnded()) {
      early.add(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  /** What was held, and what may still come, is not wanted. */
  void drop() {
    become(State.DROPPED);
    early.release();
  }

  long heldBytes() {
    return early.bytes();
  }

  // --- back pressure

  boolean isPaused() {
    return paused;
  }

  boolean mayResume(@Nullable UpstreamConnection to) {
    return paused && to != null && to.isWritable();
  }

  void pause() {
    if (!paused) {
      paused = true;
      exchange.pauseBody();
    }
  }

  void resume() {
    if (paused) {
      paused = false;
      exchange.resumeBody();
    }
  }
}
