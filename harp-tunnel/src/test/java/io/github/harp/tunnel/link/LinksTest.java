// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.Reset;
import io.github.harp.tunnel.yamux.YamuxSession.Pings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is at node "b", reached from node "a". */
class LinksTest extends TwoNodes {

  private static final byte[] BLOCK = new byte[64 * 1024];
  private static final int BLOCKS = 1_024;

  @Test
  void bytesPassBothWaysOnWhateverLoopAndWhoeverSpeaksFirst() throws Exception {
    for (var i = 0; i < 6; i++) {
      var channel = dial("service");
      try (var service = caller()) {
        service.getOutputStream().write("hello".getBytes(US_ASCII));
        var heard = new Heard();
        channel.pipeline().addLast(heard);
        channel.config().setAutoRead(true);
        await().until(() -> heard.text().equals("hello"));

        channel.writeAndFlush(Unpooled.copiedBuffer("and you", US_ASCII));
        assertThat(new String(service.getInputStream().readNBytes(7), US_ASCII))
            .isEqualTo("and you");

        service.shutdownOutput();
        heard.ended.get(20, TimeUnit.SECONDS);
        assertThat(heard.failure).isNull();
      }
    }
    assertThat(a.status()).singleElement().satisfies(link -> assertThat(link.connected()).isTrue());
  }

  @Test
  void whatComesInOneMomentWaitsForItsTurn() throws Exception {
    var all = new ArrayList<Future<Channel>>();
    for (var i = 0; i < 1_000; i++) {
      all.add(a.dial(nodeB(), i % 2 == 0 ? "service" : "nothing", loops.next()));
    }
    for (var i = 0; i < all.size(); i++) {
      var dialled = all.get(i);
      assertThat(dialled.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(dialled.isSuccess()).isEqualTo(i % 2 == 0);
      if (i % 2 == 0) {
        dialled.getNow().close();
      }
    }
    await().until(() -> a.status().get(0).streams() == 0);
  }

  @Test
  void aReaderThatWaitsHoldsTheServiceBackAndGetsEverything() throws Exception {
    var channel = dial("service");
    var service = caller();
    var written = CompletableFuture.supplyAsync(() -> writeAll(service));

    assertThat(written)
        .as("a service whose reader does not read")
        .failsWithin(Duration.ofMillis(500));
    var heard = new Heard();
    channel.pipeline().addLast(heard);
    channel.config().setAutoRead(true);

    assertThat(written.get(60, TimeUnit.SECONDS)).isTrue();
    heard.ended.get(60, TimeUnit.SECONDS);
    assertThat(heard.bytes).isEqualTo((long) BLOCK.length * BLOCKS);
    assertThat(heard.failure).isNull();
  }

  private static boolean writeAll(Socket to) {
    try (to) {
      for (var i = 0; i < BLOCKS; i++) {
        to.getOutputStream().write(BLOCK);
      }
      return true;
    } catch (IOException broken) {
      return false;
    }
  }

  @Test
  void anAbortIsOneAtTheOtherEnd() throws Exception {
    var leaving = dial("service");
    var left = caller();
    Reset.of(leaving);
    assertThatThrownBy(() -> left.getInputStream().read()).hasMessageContaining("reset");

    var staying = dial("service");
    var gone = caller();
    var heard = new Heard();
    staying.pipeline().addLast(heard);
    staying.config().setAutoRead(true);
    gone.getOutputStream().write(1);
    await().until(() -> heard.bytes == 1);
    gone.setSoLinger(true, 0);
    gone.close();
    heard.ended.get(20, TimeUnit.SECONDS);
    assertThat(heard.failure).isNotNull();
  }

  @Test
  void theOtherNodesRefusalIsTold() {
    assertThatThrownBy(() -> dial("unheard of"))
        .hasMessage("nothing is called unheard of")
        .extracting("code")
        .isEqualTo(Code.NO_SUCH_PORT);
    assertThatThrownBy(() -> dial("late")).extracting("code").isEqualTo(Code.TIMEOUT);
  }

  @Test
  void aNodeThatComesBackIsLinkedAgain() throws Exception {
    var before = dial("service");
    b.close();
    before.closeFuture().await(20, TimeUnit.SECONDS);
    assertThat(before.isOpen()).isFalse();
    assertThatThrownBy(() -> dial("service")).hasMessageContaining("no link to node b at");
    assertThat(a.status().get(0).trouble()).isNotEmpty();

    b = links(certificates(SECRET, "b"), atB.getPort());
    get(b.start());
    dial("service").close();
    assertThat(a.status().get(0).trouble()).isEmpty();
  }

  @Test
  void whatIsOnItsWayFailsAtBothEndsOfALineThatFallsSilent() throws Exception {
    var times =
        new LinkOptions.Times(
            Duration.ofSeconds(3),
            Duration.ofMinutes(5),
            new Pings(Duration.ofMillis(50), Duration.ofSeconds(2)));
    b.close();
    b = links(certificates(SECRET, "b"), 0, times);
    var near = links(certificates(SECRET, "a"), 0, times);
    try (var line = new SilentLine(get(b.start()))) {
      atB = line.address();
      var answer = get(near.dial(nodeB(), "service", loops.next()));
      var answering = caller();
      var heard = new Heard();
      answer.pipeline().addLast(heard);
      answer.config().setAutoRead(true);
      answering.getOutputStream().write(1);
      await().until(() -> heard.bytes == 1);
      var body = get(near.dial(nodeB(), "service", loops.next()));
      var reading = caller();
      await().until(() -> isFullOf(body));

      line.fallSilent();
      var waiting = near.dial(nodeB(), "service", loops.next());

      heard.ended.get(20, TimeUnit.SECONDS);
      assertThat(heard.failure).isNotNull();
      assertThatThrownBy(() -> get(waiting)).extracting("code").isEqualTo(Code.CLOSED);
      assertThat(body.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(near.status()).singleElement().extracting("connected").isEqualTo(false);
      assertThat(endsSoon(answering)).isTrue();
      assertThat(endsSoon(reading)).isTrue();
    } finally {
      near.close();
    }
  }

  private static boolean isFullOf(Channel channel) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(BLOCK));
    return !channel.isWritable();
  }

  /** What somebody at a has heard. */
  private static final class Heard extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final StringBuffer text = new StringBuffer();
    private volatile long bytes;
    private volatile Throwable failure;

    private String text() {
      return text.toString();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      var some = (ByteBuf) msg;
      bytes += some.readableBytes();
      if (bytes < 100) {
        text.append(some.toString(US_ASCII));
      }
      some.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended.complete(null);
    }
  }
}
