// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UnsentBytesTest {

  private int told;
  private boolean sends;
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new Told()) {
        @Override
        protected void doWrite(ChannelOutboundBuffer in) throws Exception {
          if (sends) {
            super.doWrite(in);
          }
        }
      };

  private final class Told extends ChannelInboundHandlerAdapter {
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      told++;
    }
  }

  @AfterEach
  void close() {
    sends = true;
    channel.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: who waits for a socket that sends later is told, once, when it has sent")
  void sentLater() {
    channel.writeAndFlush(Unpooled.copiedBuffer(new byte[100]));
    assertThat(UnsentBytes.isSent(channel)).isFalse();
    assertThat(UnsentBytes.isSent(channel)).isFalse();
    channel.runPendingTasks();
    assertThat(told).isZero();

    sends = true;
    channel.flush();
    channel.runPendingTasks();
    assertThat(told).isOne();
    assertThat(UnsentBytes.isSent(channel)).isTrue();
    channel.runPendingTasks();
    assertThat(told).isOne();
  }

  @Test
  void sentAtOnce() {
    sends = true;
    channel.writeAndFlush(Unpooled.copiedBuffer(new byte[100]));
    assertThat(UnsentBytes.isSent(channel)).isTrue();
    channel.runPendingTasks();
    assertThat(told).isZero();
  }

  @Test
  void nothingIsAskedOfAClosedChannel() {
    channel.writeAndFlush(Unpooled.copiedBuffer(new byte[100]));
    channel.close();
    assertThat(UnsentBytes.isSent(channel)).isTrue();
  }

  @Test
  @DisplayName("S1: a channel that is being closed, and has no buffer any more, keeps nothing")
  void beingClosed() {
    var seen = new ArrayList<Long>();
    var pending = channel.newPromise();
    pending.addListener(failed -> seen.add(UnsentBytes.of(channel)));
    channel.writeAndFlush(Unpooled.copiedBuffer(new byte[100]), pending);
    channel.close();
    assertThat(seen).containsExactly(0L);
  }
}
