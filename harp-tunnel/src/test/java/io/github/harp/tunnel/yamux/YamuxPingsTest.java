// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static io.github.harp.tunnel.yamux.Frames.OPEN_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whether the peer is still there. */
class YamuxPingsTest {

  @Test
  void aPingFloodEndsTheSession() {
    RawPeer peer = RawPeer.ofServer().sends(OPEN_1);

    for (int i = 0; i < 1000 && !peer.isDisconnected(); i++) {
      peer.sends("000200010000000000000000");
    }

    assertThat(peer.isDisconnected()).isTrue();
    assertThat(peer.stream(0).errors).singleElement().asString().contains("pings");
  }

  @Test
  void aPeerThatAnswersPingsStaysForADay() {
    RawPeer peer = RawPeer.ofServer();

    for (int i = 1; i <= 24 * 60 * 2; i++) {
      peer.waits(10, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS);
      String ping = peer.received();
      assertThat(ping).startsWith("000200010000000000");
      peer.sends(ping.replace("00020001", "00020002"));
    }

    assertThat(peer.isDisconnected()).isFalse();
  }

  @Test
  void theAnswerToAPingSaysHowLongTheWayIs() {
    RawPeer peer = RawPeer.ofServer();
    assertThat(peer.session.roundTrip()).isEmpty();

    peer.waits(30, TimeUnit.SECONDS);
    String ping = peer.received();
    peer.waits(80, TimeUnit.MILLISECONDS);
    peer.sends(ping.replace("00020001", "00020002"));
    peer.waits(1, TimeUnit.SECONDS);
    peer.sends(ping.replace("00020001", "00020002"));

    assertThat(peer.session.roundTrip()).hasValue(Duration.ofMillis(80));
  }

  @Test
  void aSilentPeerIsGivenUp() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1);

    peer.waits(30, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
    assertThat(peer.stream(0).inactive).isTrue();
  }

  @Test
  void aPeerIsPingedAsOftenAsIsSaid() {
    RawPeer peer = RawPeer.ofServer(pingedEvery(Duration.ofSeconds(5)));
    peer.waits(5, TimeUnit.SECONDS);
    peer.sends(peer.received().replace("00020001", "00020002"));
    peer.waits(5, TimeUnit.SECONDS);
    assertThat(peer.received()).startsWith("00020001");

    peer.waits(10, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
  }

  private YamuxSession.Options pingedEvery(Duration interval) {
    return YamuxOptions.of(2048, 1 << 30, new YamuxSession.Pings(interval));
  }

  @Test
  void aSilentPeerIsNotWaitedForByTls() {
    RawPeer peer = RawPeer.ofServer();
    peer.connection
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                // Once its farewell is sent.
              }
            });

    peer.waits(30, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void aBusyPeerMayAnswerLate() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).waits(30, TimeUnit.SECONDS).sendsData(1, new byte[1]);
    peer.waits(10, TimeUnit.SECONDS);
    assertThat(peer.isDisconnected()).isFalse();

    peer.waits(10, TimeUnit.SECONDS);
    assertThat(peer.isDisconnected()).isTrue();
  }
}
