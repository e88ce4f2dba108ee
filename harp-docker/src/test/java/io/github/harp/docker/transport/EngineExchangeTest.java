// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.runtime.orders.Deadline;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EngineExchangeTest {

  private final AtomicInteger reads = new AtomicInteger();

  @Test
  void smallPiecesThatWaitCountForWhatTheyTake() {
    var channel = new EmbeddedChannel(new Reads());
    channel.config().setAutoRead(false);
    var exchange =
        new EngineExchange(channel, "x", Deadline.in(Duration.ofMinutes(1), Ticker.systemTicker()));
    channel.pipeline().addLast(exchange);
    channel.writeInbound(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    var before = reads.get();

    for (var piece = 0; piece < 1_024; piece++) {
      channel.writeOneInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[1])));
    }
    channel.flushInbound();

    assertThat(reads).hasValue(before);
    exchange.close();
  }

  private final class Reads extends ChannelOutboundHandlerAdapter {
    @Override
    public void read(ChannelHandlerContext context) {
      reads.incrementAndGet();
    }
  }
}
