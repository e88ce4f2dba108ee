// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.instance.Instance;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.exchange.OwnAnswer;
import io.github.harp.proxy.loop.Limit;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** An order: collects its body, has it carried out, sends the answer to whoever is still there. */
final class ControlCall implements Handling {

  private static final int RETRY_AFTER_SECONDS = 5;

  private final Exchange exchange;
  private final Instance instance;
  private final String path;
  private final RunningOrders orders;
  private final LoopResources loop;
  private int maxBytes;
  private int taken;
  private Buffer body = Buffer.buffer();
  private boolean running;

  ControlCall(
      Exchange exchange, Instance instance, String path, RunningOrders orders, LoopResources loop) {
    this.exchange = exchange;
    this.instance = instance;
    this.path = path;
    this.orders = orders;
    this.loop = loop;
  }

  void start() {
    maxBytes = orders.maxBodyBytes(path);
    exchange.handleWith(this);
    var request = exchange.request();
    if (HttpUtil.getContentLength(request, 0L) > maxBytes) {
      tooLarge();
    } else if (HttpUtil.is100ContinueExpected(request) && exchange.answers().takesInterim(100)) {
      exchange.interim(OwnAnswer.head(100));
    }
  }

  @Override
  public void content(HttpContent content) {
    if (running) {
      content.release();
      return;
    }
    ByteBuf bytes = content.content();
    if (body.length() + bytes.readableBytes() > maxBytes) {
      content.release();
      tooLarge();
      return;
    }
    if (!hasRoom(bytes.readableBytes())) {
      content.release();
      return;
    }
    if (bytes.isReadable()) {
      var copy = new byte[bytes.readableBytes()];
      bytes.readBytes(copy);
      body.appendBytes(copy);
    }
    content.release();
    if (content instanceof LastHttpContent) {
      run();
    }
  }

  private boolean hasRoom(int more) {
    taken += more;
    if (orders.take(instance, more)) {
      return true;
    }
    giveBack();
    exchange.fail(
        OwnAnswer.text(503).retryAfter(RETRY_AFTER_SECONDS),
        new Failure(Kind.OVERLOAD, "the bodies of orders under way take too much memory"));
    return false;
  }

  private void giveBack() {
    orders.giveBack(instance, taken);
    taken = 0;
  }

  private void tooLarge() {
    giveBack();
    exchange.fail(
        OwnAnswer.text(413),
        new Failure(Kind.MALFORMED_REQUEST, "a body of more than " + maxBytes + " bytes"));
  }

  private void run() {
    running = true;
    var head = NettyRequestHead.of(exchange).detached();
    var request = new ControlRequest(instance, path, head, body);
    body = Buffer.buffer();
    var step = exchange.account().enter("order");
    loop.when(step.during(() -> orders.handle(request)), this::answer);
  }

  private void answer(Future<ControlAnswer> outcome) {
    giveBack();
    if (exchange.isOver()) {
      return;
    }
    // An answer that can't be sent must not leave the caller waiting.
    var sendable = outcome.map(ControlCall::head);
    if (sendable.failed()) {
      exchange.fail(
          OwnAnswer.text(500), new Failure(Kind.ORDER_FAILED, String.valueOf(sendable.cause())));
      return;
    }
    var body = outcome.result().body();
    exchange.answer(sendable.result(), Unpooled.wrappedBuffer(body.getBytes()));
  }

  private static HttpResponse head(ControlAnswer answer) {
    var response = OwnAnswer.head(answer.status());
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    response.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
    return response;
  }

  @Override
  public void clientGone() {
    // What has been ordered is done.
    body = Buffer.buffer();
    if (!running) {
      giveBack();
    }
  }

  /** An order takes as long as it takes; only its body has a limit. */
  @Override
  public Limit limit() {
    return running ? Limit.NONE : Limit.CLIENT;
  }

  @Override
  public void expired(Limit limit) {
    giveBack();
    exchange.fail(408, new Failure(Kind.CLIENT_TIMEOUT, "no more of the request within " + limit));
  }
}
