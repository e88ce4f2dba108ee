// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What QUIC's library keeps behind bytes that do not come. */
class GapsTest extends OverQuic {

  private static final long PLENTY = 64 << 20;
  private static final int SMALL = 40 << 10;

  private static final long MUCH = 4 << 20;

  private void listen(long most) throws Exception {
    listen(most, HeldBytes.limitedTo(1 << 20));
  }

  /** Has something to say until it is done. */
  private static class Speaker extends Deaf {

    private volatile boolean isDone;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      speak(ctx);
    }

    private void speak(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[16_384]))
          .addListener(
              (ChannelFuture said) -> {
                if (said.isSuccess() && !isDone) {
                  ctx.executor().execute(() -> speak(ctx));
                }
              });
    }
  }

  /** Does not mind that nobody listens any more. */
  private static final class Stubborn extends Speaker {

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.pipeline().remove(QuicStreamEnd.class);
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
  }

  private void speakTo(InetSocketAddress server) throws Exception {
    dial(server, new Speaker());
  }

  /** However much has come, and however often some of it was lost on its way. */
  @Test
  void nothingIsWhereNothingIsMissingAnyMore() throws Exception {
    listen(PLENTY);
    var speaker = new Speaker();
    dial(listener.address(), speaker);
    var connection = connections.take();
    await().until(() -> ear.heard.get() > 20 * MUCH);
    speaker.isDone = true;

    await().until(() -> behindGaps(connection) < SMALL / 4);

    assertThat(connection.isActive()).isTrue();
  }

  @Test
  void whatComesAfterTheEndIsTakenForAMoment() throws Exception {
    listen(PLENTY);
    dial(listener.address(), new Stubborn());
    await().until(() -> ear.heard.get() > MUCH);
    var connection = connections.take();

    ear.last.close();

    await().until(() -> !ear.last.isOpen());
    assertThat(connection.isActive()).isTrue();
  }

  @Test
  void whoHasLeftAByteOutForLongIsCutOff() throws Exception {
    listen(SMALL);
    try (var line = new LineWithGap(listener.address(), SMALL / 2 * 3)) {
      speakTo(line.address());
      var connection = connections.take();

      await().until(() -> line.behindGap() >= SMALL / 2 * 3);
      await().until(() -> behindGaps(connection) > SMALL / 2);
      await().until(() -> !connection.isActive());
      assertThat(((QuicChannel) connection).isTimedOut()).as("it only fell silent").isFalse();
    }
  }
}
