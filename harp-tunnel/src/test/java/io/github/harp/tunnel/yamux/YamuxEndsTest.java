// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static io.github.harp.tunnel.yamux.Frames.ACK_1;
import static io.github.harp.tunnel.yamux.Frames.ACK_3;
import static io.github.harp.tunnel.yamux.Frames.FIN_1;
import static io.github.harp.tunnel.yamux.Frames.GO_AWAY_PROTOCOL_ERROR;
import static io.github.harp.tunnel.yamux.Frames.OPEN_1;
import static io.github.harp.tunnel.yamux.Frames.OPEN_3;
import static io.github.harp.tunnel.yamux.Frames.RST_1;
import static io.github.harp.tunnel.yamux.Frames.RST_3;
import static io.github.harp.tunnel.yamux.YamuxOptions.assertTheBudgetIsFree;
import static io.github.harp.tunnel.yamux.YamuxOptions.withBudgetFor;
import static io.github.harp.tunnel.yamux.YamuxOptions.withoutPings;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How streams end, at either side. */
class YamuxEndsTest {

  @Test
  void neverSendsFinTwice() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    DuplexChannel stream = (DuplexChannel) peer.stream(0).channel;
    stream.shutdownOutput();
    stream.shutdownOutput();
    stream.close();

    assertThat(peer.received()).isEqualTo(FIN_1);
  }

  @Test
  void afterShutdownOfTheOutputTheStreamIsStillRead() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    ((DuplexChannel) peer.stream(0).channel).shutdownOutput();

    peer.sendsData(1, "late".getBytes());

    assertThat(peer.stream(0).read).hasToString("late");
    assertThat(peer.stream(0).channel.writeAndFlush(Unpooled.copiedBuffer(new byte[1])).cause())
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void withoutHalfClosureTheEndOfThePeerClosesTheStream() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    peer.stream(0).channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);

    peer.sends(FIN_1);

    assertThat(peer.stream(0).inactive).isTrue();
    assertThat(peer.received()).isEqualTo(FIN_1);
  }

  @Test
  void bytesBeforeTheEndAreReadEvenByALateReader() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    peer.stream(0).setAutoRead(false);
    peer.sendsData(1, "last words".getBytes()).sends(FIN_1);
    assertThat(peer.stream(0).events).isEmpty();

    peer.stream(0).setAutoRead(true);

    assertThat(peer.stream(0).read).hasToString("last words");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  @DisplayName("F4: data behind an end is dropped, and the session stays")
  void f4_dataBehindAnEndIsDropped() {
    RawPeer peer = RawPeer.ofServer(withBudgetFor(2));
    peer.sends(OPEN_1, OPEN_3).sendsData(1, "answer".getBytes()).sends(FIN_1).received();

    peer.sendsData(1, new byte[60_000]).sends("00 00 0004 00000001 00000002 6869");
    peer.stream(0).write("still asked");
    peer.sendsData(3, "go".getBytes());

    assertThat(peer.isDisconnected()).isFalse();
    assertThat(peer.stream(0).read).hasToString("answer");
    assertThat(peer.stream(0).inactive).isFalse();
    assertThat(peer.stream(1).read).hasToString("go");
    assertThat(peer.received()).as("no credit for what is dropped").startsWith("0000000000000001");

    peer.sends(RST_1, RST_3);
    assertTheBudgetIsFree(peer);
  }

  @Test
  @DisplayName("F4: data behind an end that a slow reader has not reached is dropped, too")
  void f4_dataBehindAnEndThatIsNotReachedYet() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1);
    peer.stream(0).setAutoRead(false);
    peer.sendsData(1, "answer".getBytes()).sends(FIN_1).sendsData(1, "more".getBytes());

    peer.stream(0).setAutoRead(true);

    assertThat(peer.stream(0).read).hasToString("answer");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  @DisplayName("F4: more than the credit is no excuse behind an end")
  void f4_moreThanTheCreditBehindAnEnd() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1, FIN_1).sendsData(1, new byte[200_000]);
    assertThat(peer.isDisconnected()).isFalse();

    peer.sendsData(1, new byte[62_145]);

    assertThat(peer.received()).endsWith(GO_AWAY_PROTOCOL_ERROR);
    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void aResetOfThePeerClosesTheStreamAndSaysSo() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).sends(RST_1);

    assertThat(peer.stream(0).inactive).isTrue();
    assertThat(peer.stream(0).errors)
        .singleElement()
        .satisfies(
            e -> assertThat(((TunnelException) e).code()).isEqualTo(TunnelException.Code.RESET));
    assertThat(peer.session.streams().count()).isZero();
    assertThat(peer.received()).isEqualTo(ACK_1);
  }

  @Test
  void closingWithALingerOfZeroResets() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.config().setOption(ChannelOption.SO_LINGER, 0);
    peer.stream(0).channel.close();

    assertThat(peer.received()).isEqualTo(RST_1);
    assertThat(peer.session.streams().count()).isZero();
  }

  @Test
  void closingWithUnsentBytesResetsSoThatATruncatedStreamNeverLooksComplete() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.writeAndFlush(Unpooled.buffer().writeZero(300 * 1024));
    peer.receivedBytes();
    peer.stream(0).channel.close();

    assertThat(peer.received()).isEqualTo(RST_1);
  }

  @Test
  void writeFlushAndCloseSendsEverythingAndThenTheEnd() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.writeAndFlush(Unpooled.copiedBuffer(new byte[] {7}));
    peer.stream(0).channel.close();

    assertThat(peer.received()).isEqualTo("000000000000000100000001" + "07" + FIN_1);
  }

  @Test
  void aWritePromiseMayCloseTheStream() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    Channel stream = peer.stream(0).channel;

    stream.write(Unpooled.copiedBuffer(new byte[] {7})).addListener(f -> stream.close());
    stream.writeAndFlush(Unpooled.copiedBuffer(new byte[] {8}));

    assertThat(peer.received()).startsWith("000000000000000100000002" + "0708");
    assertThat(stream.isOpen()).isFalse();
  }

  @Test
  void aStreamThatOnlyWeClosedIsResetAfterAWhile() {
    RawPeer peer = RawPeer.ofServer(withoutPings());
    peer.sends(OPEN_1).received();
    peer.stream(0).channel.close();
    assertThat(peer.received()).isEqualTo(FIN_1);
    assertThat(peer.session.streams().count()).isOne();

    peer.waits(60, TimeUnit.SECONDS);

    assertThat(peer.received()).isEqualTo(RST_1);
    assertThat(peer.session.streams().count()).isZero();
  }

  @Test
  void framesOfAFinishedStreamAreSkipped() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).sends(RST_1).received();

    peer.sendsData(1, new byte[1000]).sends(FIN_1, OPEN_3);

    assertThat(peer.received()).isEqualTo(ACK_3);
  }
}
