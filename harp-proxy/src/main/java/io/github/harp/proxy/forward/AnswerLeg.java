// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.forward.connection.Origin;
import io.github.harp.proxy.forward.connection.UpstreamConnection;
import io.github.harp.proxy.forward.head.ForwardedHeaders;
import io.github.harp.proxy.forward.head.ForwardedTrailers;
import io.github.harp.proxy.forward.head.ResponseRules;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * The answer on its way to the client, with back pressure to the upstream.
 *
 * <pre>
 * from                 to          when
 * AWAITED              INTERIM     the head of a 1xx
 * INTERIM              AWAITED     its end
 * AWAITED              SWITCHING   the head of a 101 that was asked for
 * AWAITED              BODY        the head of the final answer
 * BODY                 ENDED       its end
 * </pre>
 *
 * <p>After SWITCHING the bytes are an {@link UpgradeRelay}'s. One that is given up stays what it
 * is.
 */
final class AnswerLeg {

  private static final int MAX_INTERIM_RESPONSES = 64;

  enum State {
    AWAITED,
    INTERIM,
    SWITCHING,
    BODY,
    ENDED;

    boolean mayBecome(State next) {
      return switch (next) {
        case AWAITED -> this == INTERIM;
        case INTERIM, SWITCHING, BODY -> this == AWAITED;
        case ENDED -> this == BODY;
      };
    }
  }

  /** Who is told how it goes on. */
  interface Outcome {

    /** What has come can't be passed on. */
    void broken(String problem);

    /** All of it has come, and its last part goes to the client now. */
    void complete();

    /** The upstream speaks another protocol from now on. */
    void switched(HttpResponse response);
  }

  private final Exchange exchange;
  private final ClientStream stream;
  private final Origin origin;
  private final UpstreamRemarks remarks;
  private final Outcome outcome;
  private final boolean isUpgrade;
  private State state = State.AWAITED;
  private @Nullable HttpResponse switching;
  private int interims;
  private boolean keepsAlive;
  private boolean paused;

  /**
   * @param isUpgrade whether a 101 may come
   */
  AnswerLeg(
      Exchange exchange,
      Origin origin,
      UpstreamRemarks remarks,
      boolean isUpgrade,
      Outcome outcome) {
    this.exchange = exchange;
    this.stream = exchange.stream();
    this.origin = origin;
    this.remarks = remarks;
    this.isUpgrade = isUpgrade;
    this.outcome = outcome;
  }

  private void become(State next) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException("an answer that is " + state + " can't become " + next);
    }
    state = next;
  }

  /** Whether anything of it has come. */
  boolean hasBegun() {
    return state != State.AWAITED || interims > 0;
  }

  boolean isEnded() {
    return state == State.ENDED;
  }

  /** Whether the connection may serve another request after it. */
  boolean keepsAlive() {
    return keepsAlive;
  }

  /** A head that {@link ResponseRules} find nothing wrong with. */
  void head(HttpResponse response, UpstreamConnection from, boolean requestSent) {
    int status = response.status().code();
    var kind = response.status().codeClass();
    if (status == 101) {
      switching(response, requestSent);
    } else if (kind == HttpStatusClass.INFORMATIONAL) {
      interim(response, status);
    } else {
      origin.answered(status);
      if (stream.asksForUpgrade() && kind == HttpStatusClass.SUCCESS) {
        outcome.broken("status " + status + " to a handshake: expected 101");
        return;
      }
      become(State.BODY);
      keepsAlive = mayServeAgain(from, response);
      ForwardedHeaders.toClient(response);
      if (ResponseRules.isEventStream(response)) {
        exchange.mayLast();
      }
      exchange.answer(response);
    }
  }

  private void switching(HttpResponse response, boolean requestSent) {
    if (!isUpgrade || !requestSent) {
      outcome.broken("101 without a request to switch protocols");
      return;
    }
    become(State.SWITCHING);
    switching = response;
  }

  private void interim(HttpResponse response, int status) {
    become(State.INTERIM);
    if (++interims > MAX_INTERIM_RESPONSES) {
      outcome.broken("more than " + MAX_INTERIM_RESPONSES + " 1xx responses");
      return;
    }
    if (exchange.answers().takesInterim(status)) {
      ForwardedHeaders.toClient(response);
      exchange.interim(response);
    }
  }

  private boolean mayServeAgain(UpstreamConnection from, HttpResponse response) {
    var lenience = from.lenience();
    if (lenience != null) {
      remarks.lenient(exchange, from.name(), lenience);
      return false;
    }
    // Some servers send a body although there must be none, most often one that they announced.
    boolean hasNoBody = ResponseRules.hasNoBody(response, exchange.request());
    from.answeredWithoutBody(hasNoBody);
    return HttpUtil.isKeepAlive(response)
        && ResponseRules.isSelfDelimiting(response, exchange.request())
        && !(hasNoBody && from.announcesBody());
  }

  /** A part of the body, or the end of a 1xx; owns it. */
  void content(HttpContent content) {
    if (switching != null) {
      content.release();
      outcome.switched(switching);
    } else if (state == State.INTERIM) {
      if (content instanceof LastHttpContent) {
        become(State.AWAITED);
      }
      content.release();
    } else if (content.decoderResult().isFailure()) {
      content.release();
      outcome.broken("malformed body");
    } else {
      if (content instanceof LastHttpContent last) {
        become(State.ENDED);
        ForwardedTrailers.toClient(last.trailingHeaders());
        outcome.complete();
      }
      origin.passes(content.content());
      exchange.answerContent(content);
    }
  }

  // --- back pressure

  boolean isPaused() {
    return paused;
  }

  boolean mayResume(@Nullable UpstreamConnection from) {
    return paused && exchange.answers().isWritable() && (from == null || !from.isToWait());
  }

  /** Whether it may be read at all: another's answer may be all that its client has room for. */
  void awaitFrom(UpstreamConnection from) {
    paused = false;
    pauseIfFull(from);
  }

  /** Reads no more, and begins with nothing, while the client does not take what there is. */
  void pauseIfFull(@Nullable UpstreamConnection from) {
    boolean isUnderWay = state != State.SWITCHING && state != State.ENDED;
    if (from != null && isUnderWay && (!exchange.answers().isWritable() || from.isToWait())) {
      paused = true;
      from.read(false);
    }
  }

  void resumeIfTaken(@Nullable UpstreamConnection from) {
    if (mayResume(from)) {
      resume(from);
    }
  }

  void resume(@Nullable UpstreamConnection from) {
    if (paused) {
      paused = false;
      if (from != null) {
        from.read(true);
      }
    }
  }
}
