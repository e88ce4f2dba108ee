// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.question.QuestionLimits.LongAnswers;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.codec.BodyCodec;
import io.vertx.ext.web.codec.spi.BodyStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes one answer's body, up to a size. Of an answer that is too long or that nobody waits for any
 * more, nothing is read: the Web Client has no way to end a request that is being answered, so its
 * connection stands still until the client's idle limit closes it.
 */
final class BoundedBody implements BodyCodec<Buffer>, BodyStream<Buffer> {

  private final int maxBytes;
  private final LongAnswers longAnswers;
  private final Buffer bytes = Buffer.buffer();
  private final Promise<Buffer> result = Promise.promise();
  private volatile boolean abandoned;

  BoundedBody(int maxBytes, LongAnswers longAnswers) {
    this.maxBytes = maxBytes;
    this.longAnswers = longAnswers;
  }

  /** Nobody waits for the rest. */
  void abandon() {
    abandoned = true;
  }

  @Override
  public BodyStream<Buffer> stream() {
    return this;
  }

  @Override
  public Future<Void> write(Buffer chunk) {
    int room = maxBytes - bytes.length();
    if (abandoned) {
      return Future.succeededFuture();
    }
    bytes.appendBuffer(chunk, 0, Math.min(room, chunk.length()));
    if (chunk.length() > room && longAnswers == LongAnswers.FAIL) {
      abandon();
      result.tryFail(
          new HarpException(
              HarpException.Code.FAILED, "expected at most " + maxBytes + " bytes, found more"));
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> end() {
    result.tryComplete(bytes);
    return Future.succeededFuture();
  }

  @Override
  public void handle(Throwable failure) {
    result.tryFail(failure);
  }

  /** Fails as soon as the answer is too long. */
  @Override
  public Future<Buffer> result() {
    return result.future();
  }

  @Override
  public boolean writeQueueFull() {
    return abandoned;
  }

  @Override
  public BoundedBody exceptionHandler(@Nullable Handler<Throwable> handler) {
    return this;
  }

  @Override
  public BoundedBody setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public BoundedBody drainHandler(@Nullable Handler<Void> handler) {
    return this;
  }
}
