// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.HarpProxyOptions.Limits.Retries;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that waits for its next request; what an idle limit would hide over sockets. */
class UpstreamConnectionTest {

  private final Upstream upstream = loop -> Future.failedFuture("no other");
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final UpstreamPool pool = pool(channel.eventLoop());

  private static UpstreamPool pool(EventLoop eventLoop) {
    var errors = new FatalErrors(error -> {});
    return new UpstreamPool(
        new LoopResources(eventLoop, new Timeouts(), ClientBudget.ofThisProcess(), errors),
        new Retries());
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private UpstreamConnection waiting() {
    var connection = UpstreamConnection.over(upstream, channel, pool);
    connection.release();
    return connection;
  }

  @Test
  void isTakenAgain() {
    var connection = waiting();

    assertThat(pool.take(upstream, UpstreamPool.MAX_IDLE)).isSameAs(connection);
    assertThat(channel.isOpen()).isTrue();
  }

  @DisplayName("F6: bytes that come while a connection waits end it at once")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "H",
        "{\"a\":1}",
        "{\"a\":1}\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"
      })
  void bytesThatNobodyAskedForEndIt(String bytes) {
    waiting();
    channel.writeInbound(bytes(bytes));

    assertThat(channel.isOpen()).isFalse();
    assertThat(pool.take(upstream, UpstreamPool.MAX_IDLE)).isNull();
  }

  @Test
  @DisplayName("F6: bytes that are found when a connection is taken end it")
  void bytesThatAreFoundEndIt() {
    waiting();
    channel.pipeline().fireChannelRead(bytes("H"));

    assertThat(pool.take(upstream, UpstreamPool.MAX_IDLE)).isNull();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  @DisplayName("F6: bytes that are there before a connection waits end it")
  void bytesBehindAnAnswerEndIt() {
    var connection = UpstreamConnection.over(upstream, channel, pool);
    channel.pipeline().fireChannelRead(bytes("H"));
    connection.release();

    assertThat(channel.isOpen()).isFalse();
    assertThat(pool.take(upstream, UpstreamPool.MAX_IDLE)).isNull();
  }
}
