// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static io.github.harp.tunnel.yamux.Frames.ACK_1;
import static io.github.harp.tunnel.yamux.Frames.FIN_1;
import static io.github.harp.tunnel.yamux.Frames.GO_AWAY_PROTOCOL_ERROR;
import static io.github.harp.tunnel.yamux.Frames.OPEN_1;
import static io.github.harp.tunnel.yamux.Frames.OPEN_3;
import static io.github.harp.tunnel.yamux.YamuxOptions.withoutPings;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One session against a peer that we write by hand, byte by byte. */
class YamuxSessionTest {

  @Test
  @DisplayName("the worked example of the protocol document, section 2.8")
  void theWorkedExample() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends("00 01 0001 00000001 005c0000");
    assertThat(peer.received()).isEqualTo(ACK_1);

    peer.sends("00 00 0000 00000001 00000005", "68 65 6c 6c 6f");
    assertThat(peer.stream(0).read).hasToString("hello");

    peer.sends("00 01 0004 00000001 00000000");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);

    peer.stream(0).channel.close();
    assertThat(peer.received()).isEqualTo(FIN_1);
    assertThat(peer.session.streams().count()).isZero();

    peer.sends("00 02 0001 00000000 00000000");
    assertThat(peer.received()).isEqualTo("000200020000000000000000");
  }

  @Test
  void acknowledgesAtAcceptAndExactlyOnce() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends(OPEN_1);
    assertThat(peer.received()).isEqualTo(ACK_1);

    peer.stream(0).write("x");
    assertThat(peer.received()).isEqualTo("000000000000000100000001" + "78");
  }

  @Test
  void aDataFrameMayOpenAStreamAndCarryItsFirstAndLastBytes() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends("00 00 0005 00000001 00000002 6869");

    assertThat(peer.stream(0).read).hasToString("hi");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  void idsMustBeOddAndNew() {
    for (String open :
        new String[] {"00010001 00000002 00000000", "00010001 00000000 00000000", OPEN_1}) {
      RawPeer peer = RawPeer.ofServer();
      peer.sends(OPEN_1, OPEN_3).received();

      peer.sends(open);

      assertThat(peer.received()).as(open).isEqualTo(GO_AWAY_PROTOCOL_ERROR);
      assertThat(peer.isDisconnected()).as(open).isTrue();
    }
  }

  @Test
  void framesOfAStreamThatWasNeverOpenedEndTheSession() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends("00 00 0000 00000005 00000001 00");

    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void aWrongVersionTypeOrFlagEndsTheSession() {
    for (String frame :
        new String[] {
          "01 01 0001 00000001 00000000",
          "00 04 0000 00000001 00000000",
          "00 01 0010 00000001 00000000"
        }) {
      RawPeer peer = RawPeer.ofServer();

      peer.sends(frame);

      assertThat(peer.isDisconnected()).as(frame).isTrue();
    }
  }

  // ---- the side that opens

  @Test
  void opensOddIncreasingStreams() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());

    Future<Channel> first = peer.session.openStream(new ChannelInboundHandlerAdapter());
    Future<Channel> second = peer.session.openStream(new ChannelInboundHandlerAdapter());

    assertThat(peer.received()).isEqualTo(OPEN_1 + OPEN_3);
    assertThat(first.getNow().isActive()).isTrue();
    assertThat(second.getNow().isActive()).isTrue();
  }

  @Test
  void sendsDataWithoutWaitingForTheAcknowledgement() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());
    Future<Channel> stream = peer.session.openStream(new ChannelInboundHandlerAdapter());

    stream.getNow().writeAndFlush(Unpooled.copiedBuffer(new byte[] {9}));

    assertThat(peer.received()).isEqualTo(OPEN_1 + "000000000000000100000001" + "09");
  }

  @Test
  void aMissingAcknowledgementEndsTheSession() {
    RawPeer peer = RawPeer.ofClient(withoutPings());
    peer.session.openStream(new ChannelInboundHandlerAdapter());
    peer.sends(ACK_1);
    peer.session.openStream(new ChannelInboundHandlerAdapter());

    peer.waits(75, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void atMost256StreamsWaitForTheirAcknowledgement() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());
    for (int i = 0; i < 256; i++) {
      peer.session.openStream(new ChannelInboundHandlerAdapter());
    }

    assertThat(peer.session.openStream(new ChannelInboundHandlerAdapter()).cause())
        .isInstanceOf(TunnelException.class);

    peer.sends(ACK_1);
    assertThat(peer.session.openStream(new ChannelInboundHandlerAdapter()).isSuccess()).isTrue();
  }

  @Test
  void opensNothingAfterThePeerGoesAway() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());

    peer.sends("000300000000000000000000");

    assertThat(peer.session.openStream(new ChannelInboundHandlerAdapter()).cause())
        .hasMessageContaining("closing");
  }

  @Test
  void aStreamOpenedByTheServerIsRefused() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());

    peer.sends("00 01 0001 00000002 00000000");

    assertThat(peer.received()).isEqualTo("000100080000000200000000");
  }
}
