// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import static io.github.harp.core.testing.Wait.failureOf;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.core.testing.Wait;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the forwarder may rely on, wherever something listens. */
public abstract class UpstreamContract {
  private final List<Channel> opened = new ArrayList<>();

  /** The one under test, where what is sent is sent back; a new object each time. */
  protected abstract Future<? extends Upstream> echoing();

  /** One where nothing listens. */
  protected abstract Future<? extends Upstream> unreachable();

  /** Two event loops of the kind that the proxy runs on. */
  protected abstract List<EventLoop> eventLoops();

  @AfterEach
  void closeWhatTheTestOpened() {
    opened.forEach(it -> it.close().awaitUninterruptibly(Wait.LIMIT.toMillis()));
  }

  private Channel connect(EventLoop loop) {
    var channel = resultOf(resultOf(echoing()).connect(loop));
    opened.add(channel);
    return channel;
  }

  @Test
  void aConnectionIsOnTheLoopThatWasAskedFor() {
    for (var loop : eventLoops()) {
      assertThat(connect(loop).eventLoop()).isSameAs(loop);
    }
  }

  @Test
  void aConnectionIsOpenAndReadsNothingByItself() {
    var channel = connect(eventLoops().get(0));

    assertThat(channel.isActive()).isTrue();
    assertThat(channel.config().isAutoRead()).isFalse();
  }

  @Test
  void bytesPassBothWays() {
    var channel = connect(eventLoops().get(0));
    var received = new CompletableFuture<String>();
    channel.pipeline().addLast(new Collector("hello", received));

    channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
    channel.config().setAutoRead(true);

    assertThat(received).succeedsWithin(Wait.LIMIT).isEqualTo("hello");
  }

  @Test
  void connectionsAreIndependent() {
    var one = connect(eventLoops().get(0));
    var other = connect(eventLoops().get(0));

    one.close().awaitUninterruptibly(Wait.LIMIT.toMillis());

    assertThat(one.isActive()).isFalse();
    assertThat(other.isActive()).isTrue();
  }

  @Test
  void theSamePlaceIsTheSameUpstream() {
    var one = resultOf(echoing());
    var again = resultOf(echoing());

    assertThat(again).isEqualTo(one).hasSameHashCodeAs(one);
    assertThat(again.toString()).isNotBlank().doesNotContain("@");
  }

  @Test
  void whatCantBeReachedFailsInWords() {
    var failure = failureOf(unreachable().compose(it -> it.connect(eventLoops().get(0))));

    assertThat(failure)
        .isInstanceOfSatisfying(
            HarpException.class,
            it ->
                assertThat(it.code())
                    .isIn(HarpException.Code.UNREACHABLE, HarpException.Code.TIMED_OUT));
  }

  private static final class Collector extends ChannelInboundHandlerAdapter {
    private final String awaited;
    private final CompletableFuture<String> received;
    private final StringBuilder text = new StringBuilder();

    Collector(String awaited, CompletableFuture<String> received) {
      this.awaited = awaited;
      this.received = received;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var bytes = (ByteBuf) message;
      text.append(bytes.toString(StandardCharsets.US_ASCII));
      bytes.release();
      if (text.length() >= awaited.length()) {
        received.complete(text.toString());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      received.completeExceptionally(cause);
    }
  }
}
