// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.budget.Budget;
import io.github.harp.proxy.budget.BudgetLimit;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnfinishedTlsTest {

  private final Promise<Channel> handshake = ImmediateEventExecutor.INSTANCE.newPromise();
  private final ClientBudget budget = ClientBudget.ofThisProcess();
  private final Budget buffers = budget.buffers();
  private EmbeddedChannel channel;
  private UnfinishedTls unfinished;
  private int reads;

  private final class Reads extends ChannelOutboundHandlerAdapter {
    @Override
    public void read(ChannelHandlerContext ctx) {
      reads++;
      ctx.read();
    }
  }

  @BeforeEach
  void connect() throws Exception {
    var engine = SSLContext.getDefault().createSSLEngine();
    var tls =
        new SslHandler(engine) {
          @Override
          public Future<Channel> handshakeFuture() {
            return handshake;
          }
        };
    channel = new EmbeddedChannel(new Reads());
    var loop =
        new LoopResources(
            channel.eventLoop(), new Timeouts(), budget, new FatalErrors(error -> {}));
    unfinished = new UnfinishedTls(channel, tls, loop);
    channel.pipeline().addLast(unfinished);
    channel.config().setAutoRead(false);
    reads = 0;
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    assertThat(buffers.used()).isZero();
  }

  private void arrive(byte[] bytes, int from, int to) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes, from, to - from));
  }

  private static byte[] records(int... lengths) {
    var bytes = Unpooled.buffer();
    for (int length : lengths) {
      bytes.writeByte(23).writeShort(0x0303).writeShort(length).writeZero(length);
    }
    return ByteBufUtil.getBytes(bytes);
  }

  @Test
  @DisplayName("S1: half a record of TLS counts until its end has come, wherever reads cut it")
  void halfARecord() {
    handshake.setSuccess(channel);
    var two = records(300, 16_000);
    arrive(two, 0, 3);
    assertThat(buffers.used()).as("a read's buffer, for three bytes").isEqualTo(2_048);
    arrive(two, 3, 305);
    assertThat(buffers.used()).isZero();
    arrive(two, 305, 10_000);
    assertThat(buffers.used()).as("the buffer of 9,695").isEqualTo(16_384);
    arrive(two, 10_000, two.length);
    assertThat(buffers.used()).isZero();
  }

  @Test
  @DisplayName("S1: until the handshake is done all of it counts, whole records too")
  void halfAHandshake() {
    arrive(records(4_000), 0, 4_005);
    assertThat(buffers.used()).isEqualTo(4_096);
    handshake.setSuccess(channel);
    unfinished.check(0);
    assertThat(buffers.used()).isZero();
  }

  @DisplayName("S1: the rest of a large record is read while memory is short, until that is urgent")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theRestWaits(boolean ofHandshake) {
    if (!ofHandshake) {
      handshake.setSuccess(channel);
    }
    arrive(records(8_000), 0, 5_000);
    buffers.add(BudgetLimit.of(buffers));
    channel.read();
    assertThat(reads).as("of a handshake nothing").isEqualTo(ofHandshake ? 0 : 1);

    buffers.add(BudgetLimit.urgent(buffers) - BudgetLimit.of(buffers));
    channel.read();
    unfinished.check(0);
    assertThat(reads).as("nothing more").isEqualTo(ofHandshake ? 0 : 1);

    buffers.add(-BudgetLimit.urgent(buffers));
    unfinished.check(0);
    unfinished.check(0);
    assertThat(reads).as("what was asked for, once").isEqualTo(ofHandshake ? 1 : 2);
  }

  @Test
  @DisplayName("S1: a whole record, or none, is read on while memory is short")
  void othersGoOn() {
    handshake.setSuccess(channel);
    buffers.add(BudgetLimit.of(buffers));
    channel.read();
    arrive(records(300), 0, 305);
    channel.read();
    buffers.add(-BudgetLimit.of(buffers));
    assertThat(reads).isEqualTo(2);
  }

  @Test
  @DisplayName("S1: a handshake goes on while somebody else keeps memory short")
  void handshakesGoOn() {
    buffers.add(BudgetLimit.of(buffers));
    arrive(records(1_900), 0, 1_905);
    channel.read();
    buffers.add(-BudgetLimit.of(buffers));
    assertThat(reads).isOne();
  }

  @Test
  @DisplayName("S1: who has to go is closed without a goodbye")
  void shed() {
    arrive(records(4_000), 0, 3_000);
    unfinished.shed();
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.<Object>readOutbound()).isNull();
  }
}
