// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;

import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.orders.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer on a channel of its own: the event loop puts in what arrives, a worker
 * thread waits for it. Reads from the engine only while less than {@value #HIGH_WATER_BYTES} bytes
 * wait to be taken.
 */
final class EngineExchange extends ChannelInboundHandlerAdapter {

  private static final int HIGH_WATER_BYTES = 256 * 1024;
  private static final int PIECE_BYTES = 16 * 1024;

  /** What a piece that waits takes, however small it is. */
  private static final int LEAST_BYTES = 256;

  private static final int MOST_INTERIM_ANSWERS = 64;

  private final Channel channel;
  private final String what;
  private final Deadline deadline;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>();
  private int bufferedBytes;
  private int interimAnswers;
  private boolean ended;
  private boolean closed;
  private @Nullable HttpResponse head;
  private @Nullable HarpException failure;

  /**
   * @param what for messages: the engine, the method and the path
   */
  EngineExchange(Channel channel, String what, Deadline deadline) {
    this.channel = channel;
    this.what = what;
    this.deadline = deadline;
  }

  /**
   * Sends the request at the engine's pace; stops early when the engine answers before it has read
   * everything.
   */
  void send(HttpRequest request, @Nullable InputStream body) {
    channel.read();
    channel.write(request);
    if (body != null) {
      sendBody(body);
    }
    channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(failWhenNotSent());
  }

  private void sendBody(InputStream body) {
    try {
      while (awaitRoomToSend()) {
        var piece = body.readNBytes(PIECE_BYTES);
        if (piece.length == 0) {
          return;
        }
        var content =
            new DefaultHttpContent(channel.alloc().buffer(piece.length).writeBytes(piece));
        channel.writeAndFlush(content).addListener(failWhenNotSent());
      }
    } catch (IOException e) {
      throw new HarpException(FAILED, what + ": the body to send can't be read", e);
    }
  }

  /** False when the answer is there already, so that nobody wants the rest. */
  private boolean awaitRoomToSend() {
    lock.lock();
    try {
      await(() -> channel.isWritable() || head != null);
      return head == null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * For what never got as far as the socket. Where the connection broke, its end is told anyway,
   * and not before what the engine had answered until then.
   */
  private ChannelFutureListener failWhenNotSent() {
    return sent -> {
      if (!sent.isSuccess() && !(sent.cause() instanceof IOException)) {
        fail(lost(sent.cause()));
      }
    };
  }

  HttpResponse awaitHead() {
    lock.lock();
    try {
      await(() -> head != null);
      if (head == null) {
        throw new IllegalStateException("waited for the head, which is not there");
      }
      return head;
    } finally {
      lock.unlock();
    }
  }

  /** The next piece of the body, which the caller releases; null at its end. */
  @Nullable ByteBuf takeChunk() {
    lock.lock();
    try {
      await(() -> !chunks.isEmpty() || ended);
      var chunk = chunks.poll();
      if (chunk != null) {
        bufferedBytes -= cost(chunk);
        if (!ended && bufferedBytes < HIGH_WATER_BYTES) {
          channel.read();
        }
      }
      return chunk;
    } finally {
      lock.unlock();
    }
  }

  private static int cost(ByteBuf chunk) {
    return Math.max(LEAST_BYTES, chunk.readableBytes());
  }

  /** Waits with the lock held until {@code condition}; throws when that can't be any more. */
  private void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (failure != null) {
        throw failure;
      }
      if (closed) {
        throw new HarpException(FAILED, what + ": closed by ourselves before the answer was read");
      }
      var nanos = deadline.remainingNanos();
      if (nanos <= 0) {
        throw new HarpException(TIMED_OUT, what + ": no " + missing() + " within " + allowed());
      }
      try {
        changed.awaitNanos(nanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new HarpException(FAILED, what + ": given up while waiting for an answer", e);
      }
    }
  }

  private String missing() {
    return head == null ? "answer" : "end of the answer";
  }

  private String allowed() {
    return deadline.allowed().toSeconds() > 0
        ? deadline.allowed().toSeconds() + " s"
        : deadline.allowed().toMillis() + " ms";
  }

  /** Ends the exchange and its connection; whoever waits gets {@code cause}. */
  void fail(HarpException cause) {
    lock.lock();
    try {
      if (failure == null && !ended) {
        failure = cause;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    channel.close();
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      chunks.forEach(ByteBuf::release);
      chunks.clear();
      bufferedBytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      fail(
          new HarpException(
              FAILED,
              what + ": what came is not HTTP; expected a Docker or Podman engine there",
              part.decoderResult().cause()));
      return;
    }
    if (message instanceof HttpResponse response) {
      receive(response);
    }
    if (message instanceof HttpContent content) {
      receive(content);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void receive(HttpResponse response) {
    var refusal = refusal(response.status());
    if (refusal != null) {
      fail(new HarpException(FAILED, what + ": " + refusal));
      return;
    }
    if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      interimAnswers++;
      return;
    }
    lock.lock();
    try {
      head = response;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Why no answer, or none that can be understood, comes after this; null if one may. */
  private @Nullable String refusal(HttpResponseStatus status) {
    if (status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      return "answered with 101, but nobody had asked for another protocol";
    }
    if (status.codeClass() == HttpStatusClass.UNKNOWN) {
      return "answered with the status " + status.code() + "; expected 100-599";
    }
    return status.codeClass() == HttpStatusClass.INFORMATIONAL
            && interimAnswers == MOST_INTERIM_ANSWERS
        ? "more than " + MOST_INTERIM_ANSWERS + " answers of 1xx, which no engine sends"
        : null;
  }

  private void receive(HttpContent content) {
    var isLast = content instanceof LastHttpContent;
    lock.lock();
    try {
      // The end of an informational answer is none of the answer.
      if (head == null || closed) {
        content.release();
        return;
      }
      if (content.content().isReadable()) {
        bufferedBytes += cost(content.content());
        chunks.add(content.content());
      } else {
        content.release();
      }
      ended |= isLast;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (isLast) {
      channel.close();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    lock.lock();
    try {
      if (ended || bufferedBytes >= HIGH_WATER_BYTES) {
        return;
      }
    } finally {
      lock.unlock();
    }
    context.read();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(lost(null));
  }

  /** Nobody tells a handler of an end that was before it came. */
  void failWhenAlreadyClosed() {
    if (!channel.isActive()) {
      fail(lost(null));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(lost(cause));
  }

  private HarpException lost(@Nullable Throwable cause) {
    return new HarpException(
        FAILED, what + ": the connection ended before the " + missing() + " was there", cause);
  }
}
