// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.question.QuestionLimits.LongAnswers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One question on one connection. What is over before its answer is whole, for whatever reason,
 * ends its connection: what comes is not even read.
 *
 * <p>Belongs to the event loop of its promise.
 */
final class Attempt {

  private static final int MAX_INTERIM = 16;
  // An honest piece has a thousand bytes, and the least one costs as much to read.
  private static final int MAX_PIECES = 16 * 1024;
  private static final int MAX_BYTES_UNDER_WAY = 8 << 20;

  private final QuestionLimits limits;
  private final AtomicInteger bytesUnderWay;
  private final Promise<Answer> answer;
  private final Buffer body = Buffer.buffer();
  private @Nullable HttpClientRequest request;
  private int interim;
  private int pieces;
  private boolean over;

  /**
   * @param bytesUnderWay of all answers that are not whole yet
   */
  Attempt(QuestionLimits limits, AtomicInteger bytesUnderWay, Promise<Answer> answer) {
    this.limits = limits;
    this.bytesUnderWay = bytesUnderWay;
    this.answer = answer;
  }

  Future<Answer> answer() {
    return answer.future();
  }

  void send(HttpClientRequest connected) {
    request = connected;
    if (over) {
      connected.reset();
      return;
    }
    connected.continueHandler(nothing -> interim());
    connected.earlyHintsHandler(hints -> interim());
    connected.send().onSuccess(this::read).onFailure(this::fail);
  }

  void fail(Throwable failure) {
    if (end()) {
      reset();
      answer.tryFail(failure);
    }
  }

  private void interim() {
    if (++interim > MAX_INTERIM) {
      tooMuch(MAX_INTERIM + " interim answers");
    }
  }

  private void read(HttpClientResponse response) {
    response.exceptionHandler(this::fail);
    response.endHandler(end -> complete(response));
    response.handler(piece -> take(response, piece));
  }

  private void take(HttpClientResponse response, Buffer piece) {
    if (over) {
      return;
    }
    int kept = Math.min(limits.answerBytes() - body.length(), piece.length());
    body.appendBuffer(piece, 0, kept);
    int inAll = Math.max(MAX_BYTES_UNDER_WAY, limits.answerBytes());
    if (bytesUnderWay.addAndGet(kept) > inAll) {
      tooMuch(inAll + " bytes in all answers under way");
    } else if (++pieces > MAX_PIECES) {
      tooMuch(MAX_PIECES + " pieces");
    } else if (kept < piece.length() && limits.longAnswers() == LongAnswers.FAIL) {
      tooMuch(limits.answerBytes() + " bytes");
    } else if (kept < piece.length()) {
      complete(response);
      reset();
    }
  }

  private void tooMuch(String limit) {
    fail(
        new HarpException(HarpException.Code.FAILED, "expected at most " + limit + ", found more"));
  }

  private void complete(HttpClientResponse response) {
    if (end()) {
      answer.tryComplete(new Answer(response.statusCode(), response.headers(), body));
    }
  }

  /** Whether it was not over before. */
  private boolean end() {
    if (over) {
      return false;
    }
    over = true;
    bytesUnderWay.addAndGet(-body.length());
    return true;
  }

  private void reset() {
    if (request != null) {
      request.reset();
    }
  }
}
