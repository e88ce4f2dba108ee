// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.budget.Budget;
import io.github.harp.proxy.budget.BudgetLimit;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.budget.Footprint;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.Turns;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class Http1RequestDecoderTest {

  private final Budget buffers = ClientBudget.ofThisProcess().buffers();
  private final EmbeddedChannel timer = new EmbeddedChannel();
  private final Turns turns = new Turns(timer.eventLoop(), new FatalErrors(error -> {}));
  private final Http1RequestDecoder decoder = new Http1RequestDecoder(32 * 1024, buffers, turns);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    timer.finishAndReleaseAll();
  }

  /** The first is handed on, the others wait for its answer. */
  private void pipelined(int requests) {
    var text = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n".repeat(requests);
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  @Test
  @DisplayName("S1: while memory is short, what comes unasked for ends the connection")
  void overrun() {
    buffers.add(BudgetLimit.of(buffers));
    pipelined(100);
    assertThat(channel.config().isAutoRead()).isFalse();
    pipelined(200);
    assertThat(channel.isOpen()).as("a read that was under way").isTrue();
    pipelined(1);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  @DisplayName("S1: a little more, as of TLS records of one read, is no reason")
  void aLittleMore() {
    buffers.add(BudgetLimit.of(buffers));
    pipelined(100);
    for (int i = 0; i < 50; i++) {
      pipelined(1);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  @DisplayName("S1: from half of the memory on, little waits before no more is read")
  void littleWaitsWhenMuchDoes() {
    pipelined(1_000);
    assertThat(channel.config().isAutoRead()).isTrue();

    buffers.add(BudgetLimit.of(buffers) / 2);
    pipelined(1);
    assertThat(channel.config().isAutoRead()).isFalse();
  }

  @Test
  @DisplayName("S1: while there is memory, a client that has gone is read to its end")
  void readToTheEnd() {
    pipelined(2_000);
    pipelined(2_000);
    pipelined(2_000);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  @DisplayName("S1: very many pipelined requests are begun a part at a time")
  void inParts() {
    int[] begun = {0};
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (message instanceof LastHttpContent) {
                  begun[0]++;
                  decoder.nextRequest();
                }
                ReferenceCountUtil.release(message);
              }
            });
    int part = turns.room();
    pipelined(3 * part);
    assertThat(begun[0]).isEqualTo(part);
    for (int i = 0; i < 5; i++) {
      timer.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      timer.runScheduledPendingTasks();
      timer.runPendingTasks();
    }
    assertThat(begun[0]).isEqualTo(3 * part);
  }

  @Test
  @DisplayName("S1: a body in chunks of a byte is decoded a part at a time, and joined")
  void crumbs() {
    int chunks = 10_000;
    int[] seen = {0, 0};
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (message instanceof HttpContent content && content.content().isReadable()) {
                  seen[0]++;
                  seen[1] += content.content().readableBytes();
                }
                ReferenceCountUtil.release(message);
              }
            });
    var text =
        "POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n\r\n"
            + "1\r\nx\r\n".repeat(chunks)
            + "0\r\n\r\n";
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    assertThat(seen[1]).isBetween(1, chunks / 2);
    assertThat(decoder.awaitsTurn()).isTrue();
    for (int i = 0; i < 10; i++) {
      timer.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      timer.runPendingTasks();
    }
    assertThat(seen[1]).isEqualTo(chunks);
    assertThat(seen[0]).isLessThan(10);
    assertThat(decoder.awaitsTurn()).isFalse();
  }

  private void come(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  private boolean isRefused() {
    Object last = null;
    for (Object next; (next = channel.readInbound()) != null; ReferenceCountUtil.release(next)) {
      last = next;
    }
    return last instanceof LastHttpContent content && content.decoderResult().isFailure();
  }

  @Test
  @DisplayName("S1: trailers count until they are whole, and there are not more than headers")
  void trailers() {
    come("POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n");
    come("a: b\r\n".repeat(100));
    assertThat(decoder.bufferedBytes()).isGreaterThan(100 * Footprint.HEADER);
    assertThat(isRefused()).isFalse();
    come("a: b\r\n".repeat(30));
    assertThat(isRefused()).isTrue();
    assertThat(decoder.isBroken()).isTrue();
    assertThat(decoder.bufferedBytes()).isZero();
  }

  @Test
  @DisplayName("S1: once memory is urgent, half of them are refused before")
  void trailersWhileMemoryIsUrgent() {
    buffers.add(BudgetLimit.urgent(buffers));
    come("POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n");
    come("a: b\r\n".repeat(50));
    assertThat(isRefused()).isTrue();
  }
}
