// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.github.harp.tunnel.quic.QuicCarrier;
import io.github.harp.tunnel.quic.QuicContexts;
import io.github.harp.tunnel.quic.QuicDial;
import io.github.harp.tunnel.quic.QuicListener;
import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuicCarrierTest extends CarrierContract {

  private static final int MANY_STREAMS = 100;

  private QuicListener listener;

  @Override
  @BeforeEach
  void listen() throws Exception {
    var self = CertificateAuthority.throwAwayServer(Clock.systemUTC());
    var credentials = new ServerCredentials(self, Optional.empty());
    listener =
        QuicListener.listen(
                loops.next(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                MANY_STREAMS,
                1 << 20,
                () -> credentials,
                (connection, client) -> begin(connection))
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    listener.close().syncUninterruptibly();
  }

  @Override
  Future<Channel> dial() {
    return dial(Duration.ofSeconds(PATIENCE_SECONDS));
  }

  private Future<Channel> dial(Duration patience) {
    return QuicDial.start(
        clientLoop,
        listener.address(),
        patience,
        QuicContexts.client(null, List.of(), List.of()),
        "anybody",
        error -> {},
        new ChannelInboundHandlerAdapter());
  }

  @Override
  Carrier client(Channel first, int mostStreams, Supplier<Future<Channel>> dialler) {
    return QuicCarrier.client(first, mostStreams, HeldBytes.limitedTo(1 << 20));
  }

  @Override
  Carrier server(Channel connection, ChannelHandler onStream) {
    return QuicCarrier.server(connection, MANY_STREAMS, HeldBytes.limitedTo(1 << 20), onStream);
  }

  @Override
  boolean isMultiplexed() {
    return true;
  }

  @Test
  void itIsAlwaysEncryptedAndKnowsHowLongTheWayIs() throws Exception {
    var carrier = connect();
    open(carrier).sends("x").receives(1);

    assertThat(carrier.isEncrypted()).isTrue();
    assertThat(servers).extracting(Carrier::isEncrypted).containsExactly(true);
    assertThat(carrier.isMultiplexed()).isTrue();
    assertThat(carrier.transport()).isEqualTo("QUIC");
    await().until(() -> servers.get(0).roundTrip().isPresent());
  }

  @Test
  void aListenerThatTakesNobodyLetsThoseGoOnWhoAreThere() throws Exception {
    var there = open(connect());
    there.sends("x").receives(1);

    listener.takeNobody();
    var late = dial(Duration.ofMillis(300));

    assertThat(late.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(late.cause()).hasMessageContaining("no answer over QUIC");
    there.sends("goes on");
    assertThat(there.receives(7)).isEqualTo("goes on");
  }
}
