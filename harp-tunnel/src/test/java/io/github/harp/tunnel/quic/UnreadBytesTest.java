// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted for readers that stand still, of which QUIC's library says nothing. */
class UnreadBytesTest extends OverQuic {

  private static final long PLENTY = 64 << 20;
  private static final int MANY = 20_000;
  private static final int LITTLE = 10 << 10;

  private final HeldBytes held = HeldBytes.limitedTo(PLENTY);
  private final Ear answers = new Ear();
  private QuicStreamChannel client;
  private Channel connection;

  @BeforeEach
  void connect() throws Exception {
    listen(PLENTY, held);
    client = dial(listener.address(), answers);
    connection = connections.take();
  }

  /** Says so much so often, one after another. */
  private static void say(Channel to, int bytes, int times) {
    to.eventLoop().execute(() -> sayOnce(to, bytes, times));
  }

  private static void sayOnce(Channel to, int bytes, int times) {
    to.writeAndFlush(Unpooled.wrappedBuffer(new byte[bytes]))
        .addListener(
            (ChannelFuture said) -> {
              if (said.isSuccess() && times > 1) {
                to.eventLoop().execute(() -> sayOnce(to, bytes, times - 1));
              }
            });
  }

  private void sayUntilHeard(int bytes, int times) {
    var heard = ear.heard.get();
    say(client, bytes, times);
    await().until(() -> ear.heard.get() >= heard + (long) bytes * times);
  }

  /** Each in a datagram of its own. */
  private void sayLittleByLittle() {
    for (int millis = 0; millis < 1_000; millis++) {
      client.eventLoop().schedule(() -> say(client, 1, 1), millis, TimeUnit.MILLISECONDS);
    }
  }

  private void stopListening() {
    sayUntilHeard(1, 1);
    ear.last.config().setAutoRead(false);
    say(client, 1, 1);
    await().until(() -> ear.heard.get() >= 1);
  }

  @Test
  void whatNobodyTakesCountsForAsMuchAsManyPiecesNeed() {
    stopListening();
    say(client, 16 << 10, 10);

    await().until(() -> held.current() > 8 * 150 << 10);
    assertThat(held.current()).isLessThan(8 * 200 << 10);
  }

  @Test
  void aDatagramThatNobodyTakesCountsHoweverLittleIsInIt() {
    stopListening();
    sayLittleByLittle();

    await().until(() -> held.current() > 400 * 150);
  }

  /** How small they may be limits only its window. */
  @Test
  void piecesForAReaderThatStandsStillAreNoneBehindGaps() throws Exception {
    stopListening();
    var most = Terms.STREAM_BYTES;
    say(client, (int) most - 2_000, 1);
    sayLittleByLittle();

    await().until(() -> held.current() > 8 * (most + 1_000));
    assertThat(behindGaps(connection)).isZero();
  }

  @Test
  void whoReadsOnOwesNothing() throws Exception {
    stopListening();
    say(client, 16 << 10, 10);
    await().until(() -> held.current() > 8 * 150 << 10);

    ear.last.config().setAutoRead(true);
    await().until(() -> ear.heard.get() >= 160 << 10);

    await().until(() -> held.current() == 0);
    assertThat(behindGaps(connection)).isLessThan(LITTLE);
  }

  @Test
  void smallMessagesThatAreTakenAreNoneThatAreKept() throws Exception {
    sayUntilHeard(1, MANY);

    assertThat(behindGaps(connection)).isLessThan(LITTLE);
  }

  @Test
  void answersToWhatIsSentAreNoneThatAreKept() throws Exception {
    sayUntilHeard(1, 1);
    say(ear.last, 100, MANY);
    await().until(() -> answers.heard.get() >= 100 * MANY);
    say(ear.last, 16 << 10, 1_000);
    await().until(() -> answers.heard.get() >= 100 * MANY + (16 << 10) * 1_000);

    assertThat(behindGaps(connection)).isLessThan(LITTLE);
  }
}
