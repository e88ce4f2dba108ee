// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.FrpcToml.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real frpc dials in to our server over QUIC. */
class RealFrpcOverQuicTest extends FrpcStage {

  private static final long MUCH = 40_000_000;

  /** Less than comes of a stream before it is read. */
  private static final long LITTLE = 150_000;

  private CertificateAuthority authority;

  RealFrpcOverQuicTest() {
    super(SocketKind.best().newLoops(2, "user"));
  }

  @BeforeEach
  void start() throws Exception {
    authority = CertificateAuthority.open(certs, Duration.ofDays(30), Clock.systemUTC());
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private int listen(int port) throws Exception {
    return listen(port, new TunnelLimits());
  }

  private int listen(int port, TunnelLimits limits) throws Exception {
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(loopback(0))
                .tls(authority::serverContext)
                .quic(loopback(port), authority::serverCredentials)
                .listener(new Refused())
                .limits(limits)
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build());
    server.start().get(30, TimeUnit.SECONDS);
    return server.quicAddress().orElseThrow().getPort();
  }

  private FrpProcess frpc(String version, FrpcToml toml) {
    return frpc(version, "transport.protocol = \"quic\"\n" + toml.text());
  }

  private FrpcToml toml(int port) {
    return FrpcToml.of(port, backend.port(), KEY).withTls(Tls.MUTUAL, certs.resolve("frp"));
  }

  private void awaitOpen(FrpProcess frpc) {
    awaitOpen(frpc, PORT);
  }

  @Override
  void assertThatBytesPass() throws Exception {
    super.assertThatBytesPass();
    await().until(() -> backend.openConnections() == 0);
  }

  static Stream<Arguments> ways() {
    return Stream.of(
        Arguments.of(FrpBinaries.FIELD, "v1", true, false),
        Arguments.of(FrpBinaries.FIELD, "v1", false, true),
        Arguments.of(FrpBinaries.NEWEST, "v1", true, false),
        Arguments.of(FrpBinaries.NEWEST, "v2", true, true));
  }

  @ParameterizedTest(name = "frpc {0}, wire {1}, mux {2}, wrapped {3}")
  @MethodSource("ways")
  void bytesPass(String version, String wire, boolean mux, boolean wrapped) throws Exception {
    var port = listen(0);
    awaitOpen(
        frpc(
            version,
            toml(port)
                .withWire(wire)
                .withMux(mux)
                .withEncryption(wrapped)
                .withCompression(wrapped)));

    assertThatBytesPass();

    var session = server.status().sessions().get(0);
    assertThat(session.transport()).isEqualTo("QUIC");
    assertThat(session.clientVersion()).isEqualTo(version);
    assertThat(session.tls()).isTrue();
    assertThat(session.multiplexed()).isTrue();
    await().until(() -> server.status().sessions().get(0).roundTrip().isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void aClientWithoutItsCertificateIsTurnedAway(String version) throws Exception {
    var port = listen(0);

    frpc(version, toml(port).withTls(Tls.SERVER_ONLY, certs.resolve("frp")));

    await().atMost(PATIENCE).until(() -> codes.contains(RefusalCode.CLIENT_CERTIFICATE));
    assertThat(server.status().sessions()).isEmpty();
  }

  @Test
  void aServerThatIsNotTrustedHearsIt(@TempDir Path others) throws Exception {
    CertificateAuthority.open(others, Duration.ofDays(30), Clock.systemUTC());
    var port = listen(0);

    frpc(FrpBinaries.FIELD, toml(port).withTls(Tls.SERVER_ONLY, others.resolve("frp")));

    await().atMost(PATIENCE).until(() -> codes.contains(RefusalCode.SERVER_CERTIFICATE));
  }

  @Test
  void aWrongKeyIsRefusedInWords() throws Exception {
    var port = listen(0);

    frpc(FrpBinaries.FIELD, toml(port).withToken("wrong")).awaitLog("not valid here");

    assertThat(codes).contains(RefusalCode.CREDENTIAL);
  }

  @Test
  void aSlowReaderHoldsUpNobodyAndLosesNothing() throws Exception {
    awaitOpen(frpc(FrpBinaries.FIELD, toml(listen(0))));
    var slow = user();
    slow.channel().config().setAutoRead(false);
    slow.says("send " + MUCH + "\n");
    await().until(() -> server.status().heldBytes() > LITTLE);

    assertThat(user().says("send " + SOME_BYTES + "\n").awaitEnd()).isEqualTo(SOME_BYTES);

    slow.channel().config().setAutoRead(true);
    assertThat(slow.awaitEnd()).isEqualTo(MUCH);
    assertThat(slow.checksum()).isEqualTo(Pattern.checksum(MUCH));
    await().until(() -> server.status().heldBytes() == 0);
  }

  @Test
  void readersThatStandStillHoldUpNobodyElse() throws Exception {
    awaitOpen(frpc(FrpBinaries.FIELD, toml(listen(0))));
    for (int i = 0; i < 4; i++) {
      var still = user();
      still.channel().config().setAutoRead(false);
      still.says("send " + MUCH + "\n");
    }
    awaitThatHeldBytesStandStill();

    assertThat(user().says("send " + MUCH + "\n").awaitEnd()).isEqualTo(MUCH);
  }

  private void awaitThatHeldBytesStandStill() throws InterruptedException {
    long before = 0;
    do {
      before = server.status().heldBytes();
      Thread.sleep(1_000);
    } while (before == 0 || server.status().heldBytes() != before);
  }

  @Test
  void whoReadsNothingIsCutOffWhenMemoryIsShort() throws Exception {
    var usual = new TunnelLimits();
    var little =
        new TunnelLimits(
            usual.times(), usual.newcomers(), usual.perClient(), usual.clients(), LITTLE);
    awaitOpen(frpc(FrpBinaries.FIELD, toml(listen(0, little))));
    var stalled = user();
    stalled.channel().config().setAutoRead(false);
    stalled.says("send " + MUCH + "\n");

    await().atMost(PATIENCE).until(() -> stalled.error() != null || stalled.ended.isDone());
    await().until(() -> server.status().heldBytes() == 0);
    assertThatBytesPass();
  }

  /** What comes after that is read to its end: who counts bytes takes none for missing. */
  @Test
  void downloadsThatAreBrokenOffCostNoSession() throws Exception {
    var usual = new TunnelLimits();
    var some =
        new TunnelLimits(
            usual.times(), usual.newcomers(), usual.perClient(), usual.clients(), 8 << 20);
    awaitOpen(frpc(FrpBinaries.FIELD, toml(listen(0, some))));
    var session = server.status().sessions().get(0).id();

    for (int i = 0; i < 60; i++) {
      var user = user();
      user.channel().config().setAutoRead(false);
      user.says("send " + MUCH + "\n");
      await().until(() -> server.status().heldBytes() > LITTLE);
      user.channel().close();
      await().until(() -> backend.openConnections() == 0);
    }

    var since = System.nanoTime();
    while (System.nanoTime() - since < TimeUnit.SECONDS.toNanos(7)) {
      assertThat(user().says("send " + SOME_BYTES + "\n").awaitEnd()).isEqualTo(SOME_BYTES);
    }
    assertThat(server.status().sessions()).extracting(one -> one.id()).containsExactly(session);
  }

  /** It pings every ten seconds, and takes no datagrams. */
  @Test
  void oneThatHasNothingToSayStays() throws Exception {
    awaitOpen(frpc(FrpBinaries.FIELD, toml(listen(0))));

    await()
        .during(Duration.ofSeconds(11))
        .atMost(PATIENCE)
        .until(() -> OpenPorts.has(server, PORT));

    assertThatBytesPass();
  }

  /** QUIC itself would miss it after half a minute, and frpc asks again after as long. */
  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void oneThatWasKilledLeavesItsPlaceToWhoComesNext(String version) throws Exception {
    var toml = toml(listen(0));
    var frpc = frpc(version, toml);
    awaitOpen(frpc);
    var first = server.status().sessions().get(0).id();

    frpc.kill();
    frpc.restart();

    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                server.status().sessions().stream().allMatch(one -> one.id() != first)
                    && OpenPorts.has(server, PORT));
    assertThatBytesPass();
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void oneThatLivesKeepsItsPlace(String version) throws Exception {
    var toml = toml(listen(0));
    awaitOpen(frpc(version, toml));
    var first = server.status().sessions().get(0).id();

    frpc(FrpBinaries.FIELD, toml).awaitLog("start error");
    frpc(FrpBinaries.NEWEST, toml).awaitLog("start error");

    assertThat(server.status().sessions()).anyMatch(one -> one.id() == first);
    assertThatBytesPass();
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void itComesBackWhenTheServerDoes(String version) throws Exception {
    var port = listen(0);
    var frpc = frpc(version, toml(port));
    awaitOpen(frpc);

    server.close();
    listen(port);

    awaitOpen(frpc);
    assertThatBytesPass();
  }
}
