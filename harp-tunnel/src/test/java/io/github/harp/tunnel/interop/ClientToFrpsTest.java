// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientOptions.Retries;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.ProxyState;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelTransport;
import io.github.harp.tunnel.client.session.SessionKeeper;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.io.Closeable;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client at the real frps. */
class ClientToFrpsTest {

  private static final Retries QUICK =
      new Retries(Duration.ofMillis(50), Duration.ofMillis(500), Duration.ofSeconds(30));

  private enum Tls {
    NONE,
    SERVER_ONLY,
    MUTUAL,
    SELF_MADE
  }

  @TempDir static Path certs;
  private static CertificateAuthority authority;

  private EchoServer echo;
  private int serverPort;

  @org.junit.jupiter.api.BeforeAll
  static void makeCertificates() throws Exception {
    authority = CertificateAuthority.open(certs, Duration.ofDays(30), Clock.systemUTC());
  }

  @BeforeEach
  void start() throws Exception {
    echo = EchoServer.start();
    serverPort = FreePort.find();
  }

  @AfterEach
  void stop() throws Exception {
    echo.close();
  }

  static Stream<Arguments> combinations() {
    var all = new ArrayList<Arguments>();
    for (var version : List.of(FrpBinaries.FIELD, FrpBinaries.NEWEST)) {
      for (var tls : Tls.values()) {
        for (boolean mux : new boolean[] {true, false}) {
          all.add(arguments(version, tls, mux, false, false, WireProtocol.V1));
        }
      }
      for (boolean mux : new boolean[] {true, false}) {
        all.add(arguments(version, Tls.MUTUAL, mux, true, false, WireProtocol.V1));
        all.add(arguments(version, Tls.MUTUAL, mux, false, true, WireProtocol.V1));
        all.add(arguments(version, Tls.NONE, mux, true, true, WireProtocol.V1));
      }
    }
    for (var version : List.of("0.52.3", "0.65.0")) {
      all.add(arguments(version, Tls.MUTUAL, true, false, false, WireProtocol.V1));
      all.add(arguments(version, Tls.SELF_MADE, false, true, true, WireProtocol.V1));
    }
    for (boolean mux : new boolean[] {true, false}) {
      all.add(arguments(FrpBinaries.NEWEST, Tls.MUTUAL, mux, false, false, WireProtocol.V2));
      all.add(arguments(FrpBinaries.NEWEST, Tls.NONE, mux, true, true, WireProtocol.V2));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "frps {0}, TLS {1}, mux {2}, encryption {3}, compression {4}, wire {5}")
  @MethodSource("combinations")
  void carriesBytesUnchanged(
      String version,
      Tls tls,
      boolean mux,
      boolean encrypted,
      boolean compressed,
      WireProtocol wire)
      throws Exception {
    var options =
        options(tls, new TunnelProxy("echo", 0, echoProxy().target(), encrypted, compressed))
            .tcpMux(mux)
            .frpToken("12345678")
            .wireProtocol(wire);
    try (var frps =
            FrpBinaries.of(version).frps(frpsToml(tls, mux) + "auth.token = \"12345678\"\n");
        var client = TunnelClient.start(options.build())) {
      int port = remotePort(client);
      try (var user = User.connect(port)) {
        user.echo("hello").echo("world");
        user.echoBytes(2 << 20, 42);
      }
      await().until(() -> client.status().proxies().get(0).openConnections() == 0);
      assertThat(client.status().proxies().get(0).connections()).isEqualTo(1);
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @ParameterizedTest(name = "frps {0}, TLS {1}, mux {2}")
  @CsvSource({
    "0.52.3, MUTUAL, true",
    "0.61.1, MUTUAL, true",
    "0.61.1, NONE, false",
    "0.65.0, MUTUAL, true",
    "0.70.1, MUTUAL, true",
    "0.70.1, SELF_MADE, false"
  })
  void carriesBytesOverWebSocket(String version, Tls tls, boolean mux) throws Exception {
    var options =
        options(tls, echoProxy()).transport(TunnelTransport.WEBSOCKET).tcpMux(mux).build();
    try (var frps = FrpBinaries.of(version).frps(frpsToml(tls, mux));
        var client = TunnelClient.start(options)) {
      try (var user = User.connect(remotePort(client))) {
        user.echo("hello").echoBytes(2 << 20, 42);
      }
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @ParameterizedTest(name = "frps {0}, TLS {1}, wire {2}")
  @CsvSource({
    "0.61.1, MUTUAL, V1",
    "0.61.1, SELF_MADE, V1",
    "0.61.1, NONE, V1",
    "0.70.1, MUTUAL, V1",
    "0.70.1, SERVER_ONLY, V2",
    "0.70.1, NONE, V1"
  })
  void carriesBytesOverQuic(String version, Tls tls, WireProtocol wire) throws Exception {
    var options = options(tls, echoProxy()).transport(TunnelTransport.QUIC).wireProtocol(wire);
    try (var frps =
            FrpBinaries.of(version)
                .frps("quicBindPort = %d\n".formatted(serverPort) + frpsToml(tls, true));
        var client = TunnelClient.start(options.build())) {
      try (var user = User.connect(remotePort(client))) {
        user.echo("hello").echoBytes(8 << 20, 42);
      }
      await().until(() -> client.status().proxies().get(0).openConnections() == 0);
      assertThat(frps.isAlive()).isTrue();
    }
  }

  /** Who is gone without a word is missed when the connection has been idle for half a minute. */
  @Test
  void overQuicAServerThatWasKilledIsMissed() throws Exception {
    var options = options(Tls.NONE, echoProxy()).transport(TunnelTransport.QUIC);
    try (var frps =
            FrpBinaries.of(FrpBinaries.FIELD)
                .frps("quicBindPort = %d\n".formatted(serverPort) + frpsToml(Tls.NONE, true));
        var client = TunnelClient.start(options.build())) {
      remotePort(client);
      frps.kill();
      frps.restart();
      await().atMost(Duration.ofSeconds(90)).until(() -> client.status().logins() == 2);
      try (var user = User.connect(remotePort(client))) {
        user.echo("again");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void carriesALotThroughOneStream(String version) throws Exception {
    long bytes = Long.getLong("harp.interop.bigTransferBytes", 128L << 20);
    try (var frps = FrpBinaries.of(version).frps(frpsToml(Tls.MUTUAL, true));
        var client = TunnelClient.start(options(Tls.MUTUAL, echoProxy()).build())) {
      try (var user = User.connect(remotePort(client))) {
        user.echoBytes(bytes, 7);
      }
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void servesManyUsersAtOnceAndAStalledOneHoldsUpNobody(String version) throws Exception {
    try (var frps = FrpBinaries.of(version).frps(frpsToml(Tls.MUTUAL, true));
        var client = TunnelClient.start(options(Tls.MUTUAL, echoProxy()).build())) {
      int port = remotePort(client);
      var threads = Executors.newFixedThreadPool(16);
      try (var stalled = User.connect(port)) {
        stalled.floodWithoutReading();
        var users = new ArrayList<java.util.concurrent.Future<?>>();
        for (int i = 0; i < 200; i++) {
          long seed = i;
          users.add(
              threads.submit(
                  () -> {
                    try (var user = User.connect(port)) {
                      user.echoBytes(50_000, seed);
                    }
                    return null;
                  }));
        }
        for (var user : users) {
          user.get(60, TimeUnit.SECONDS);
        }
      } finally {
        threads.shutdownNow();
      }
      // frps up to 0.64 stops reading a stream whose user has left and resets it after five
      // minutes: the stalled one stays.
      await().untilAsserted(() -> assertThat(echo.openConnections()).isLessThanOrEqualTo(1));
      client.close();
      await().untilAsserted(() -> assertThat(echo.openConnections()).isZero());
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCrashOnEitherSideReachesTheOther(boolean mux) throws Exception {
    try (var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.MUTUAL, mux));
        var client = TunnelClient.start(options(Tls.MUTUAL, echoProxy()).tcpMux(mux).build())) {
      int port = remotePort(client);
      try (var user = User.connect(port)) {
        user.echo("x");
        echo.resetConnections();
        assertThat(user.meetsTheEnd()).isTrue();
      }
      var leaving = User.connect(port).echo("x");
      leaving.floodWithoutReading();
      leaving.abort();
      await().untilAsserted(() -> assertThat(echo.openConnections()).isZero());
      assertThat(client.status().isHealthy()).isTrue();
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void comesBackAfterTheServerWasKilled(String version) throws Exception {
    try (var frps = FrpBinaries.of(version).frps(frpsToml(Tls.MUTUAL, true));
        var client = TunnelClient.start(options(Tls.MUTUAL, echoProxy()).build())) {
      try (var user = User.connect(remotePort(client))) {
        user.echo("before");
        frps.kill();
        assertThat(user.meetsTheEnd()).isTrue();
      }
      await().until(() -> client.status().state() != TunnelClientStatus.State.CONNECTED);
      assertThat(client.status().proxies().get(0).state()).isEqualTo(ProxyState.PENDING);
      await().untilAsserted(() -> assertThat(echo.openConnections()).isZero());

      frps.restart();
      await().atMost(Duration.ofSeconds(30)).until(() -> client.status().logins() == 2);
      try (var user = User.connect(remotePort(client))) {
        user.echo("after");
      }
    }
  }

  @Test
  void waitsForAServerThatIsNotThereYet() throws Exception {
    try (var client = TunnelClient.start(options(Tls.NONE, echoProxy()).build())) {
      await().until(() -> client.status().lastFailure().isPresent());
      assertThat(client.status().lastFailure().orElseThrow()).contains("cannot be reached");
      try (var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.NONE, true))) {
        try (var user = User.connect(remotePort(client))) {
          user.echo("at last");
        }
        assertThat(frps.log()).contains("client login info");
      }
    }
  }

  @Test
  void givesUpOnTheFirstLoginOnlyWhenTold() throws Exception {
    try (var frps =
        FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.NONE, true) + "auth.token = \"x\"\n")) {
      frps.awaitLog("frps started successfully");
      var options = options(Tls.NONE, echoProxy()).givesUpOnFirstLogin(true);
      try (var client = TunnelClient.start(options.build())) {
        assertThat(client.closed())
            .failsWithin(Duration.ofSeconds(30))
            .withThrowableOfType(java.util.concurrent.ExecutionException.class)
            .withMessageContaining("token in login doesn't match");
        assertThat(client.status().state()).isEqualTo(TunnelClientStatus.State.CLOSED);
      }
    }
  }

  @Test
  void aRefusedProxyIsOfferedAgainUntilItIsAccepted() throws Exception {
    int contested = FreePort.find();
    var name = "contested";
    var target = new TunnelTarget.Tcp("127.0.0.1", echo.port());
    try (var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.NONE, true));
        var first =
            TunnelClient.start(
                options(Tls.NONE, TunnelProxy.of(name, contested, target)).build())) {
      remotePort(first);
      var retry =
          options(Tls.NONE, TunnelProxy.of(name, contested, target))
              .retries(new Retries(QUICK.first(), QUICK.most(), Duration.ofMillis(100)));
      try (var second = TunnelClient.start(retry.build())) {
        await().until(() -> second.status().proxies().get(0).state() == ProxyState.REFUSED);
        assertThat(second.status().proxies().get(0).error()).contains("already exists");
        assertThat(second.status().isHealthy()).isFalse();
        first.close();
        assertThat(remotePort(second)).isEqualTo(contested);
      }
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @Test
  void aTargetThatIsDownClosesTheUsersConnectionAtOnce() throws Exception {
    var nowhere = new TunnelTarget.Tcp("127.0.0.1", FreePort.find());
    var noSocket = new TunnelTarget.UnixSocket(certs.resolve("no.sock"));
    try (var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.NONE, true));
        var client =
            TunnelClient.start(
                options(
                        Tls.NONE,
                        TunnelProxy.of("tcp", 0, nowhere),
                        TunnelProxy.of("unix", 0, noSocket))
                    .build())) {
      await().until(() -> client.status().isHealthy());
      for (int i = 0; i < 2; i++) {
        int index = i;
        var remote = client.status().proxies().get(index).remoteAddress();
        try (var user = User.connect(Integer.parseInt(remote.substring(1)))) {
          assertThat(user.meetsTheEnd()).isTrue();
        }
        await().until(() -> client.status().proxies().get(index).failedConnections() == 1);
      }
      assertThat(frps.isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reachesAUnixSocketOnEpollAndOnNio(SocketKind sockets, @TempDir Path folder)
      throws Exception {
    var path = folder.resolve("app.sock");
    var service = Executors.newSingleThreadExecutor();
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.NONE, true))) {
      listener.bind(UnixDomainSocketAddress.of(path));
      service.submit(
          () -> {
            try (var connection = listener.accept()) {
              var buffer = ByteBuffer.allocate(100);
              connection.read(buffer);
              connection.write(buffer.flip());
            }
            return null;
          });
      var options = options(Tls.NONE, TunnelProxy.of("unix", 0, new TunnelTarget.UnixSocket(path)));
      var client = SessionKeeper.start(options.build(), sockets, Clock.systemUTC());
      try (Closeable end = client::close;
          var user = User.connect(remotePort(client::status))) {
        user.echo("through a unix socket");
        assertThat(user.meetsTheEnd()).as("the service closed").isTrue();
      }
      assertThat(frps.isAlive()).isTrue();
    } finally {
      service.shutdownNow();
    }
  }

  @Test
  void pingsAnOldServerThatExpectsIt() throws Exception {
    var heartbeat =
        new TunnelClientOptions.Heartbeat(Duration.ofMillis(100), Duration.ofSeconds(30));
    var options = options(Tls.NONE, echoProxy()).tcpMux(false).heartbeat(heartbeat);
    try (var frps = FrpBinaries.of("0.52.3").frps(frpsToml(Tls.NONE, false));
        var client = TunnelClient.start(options.build())) {
      remotePort(client);
      await().until(() -> frps.log().split("receive heartbeat").length > 5);
      assertThat(client.status().logins()).isEqualTo(1);
    }
  }

  @Test
  void refusesAServerWithAnotherName() throws Exception {
    var tls =
        TunnelClientTls.files(
            file("client.crt"), file("client.key"), file("ca.crt"), Optional.of("other.example"));
    try (var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.MUTUAL, true));
        var client = TunnelClient.start(options(Tls.NONE, echoProxy()).tls(tls).build())) {
      frps.awaitLog("frps started successfully");
      await().until(() -> client.status().lastFailure().orElse("").contains("other.example"));
      assertThat(client.status().logins()).isZero();
    }
  }

  @Test
  void saysThatAServerWantsACertificate() throws Exception {
    var tls =
        TunnelClientTls.files(
            Optional.empty(), Optional.empty(), file("ca.crt"), Optional.of("harp.nc"));
    try (var frps = FrpBinaries.of(FrpBinaries.FIELD).frps(frpsToml(Tls.MUTUAL, true));
        var client = TunnelClient.start(options(Tls.NONE, echoProxy()).tls(tls).build())) {
      frps.awaitLog("frps started successfully");
      await().until(() -> client.status().lastFailure().orElse("").contains("certificate"));
    }
  }

  // ---- arrangement

  private TunnelProxy echoProxy() {
    return TunnelProxy.of("echo", 0, new TunnelTarget.Tcp("127.0.0.1", echo.port()));
  }

  private TunnelClientOptions.Builder options(Tls tls, TunnelProxy... proxies) {
    var options =
        TunnelClientOptions.to("127.0.0.1", serverPort)
            .proxies(proxies)
            .metas(Map.of("token", "some-key"))
            .retries(QUICK);
    return switch (tls) {
      case NONE -> options;
      case SELF_MADE ->
          options.tls(
              TunnelClientTls.files(
                      Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())
                  .withFrpFirstByte(true));
      case SERVER_ONLY ->
          options.tls(
              TunnelClientTls.files(
                  Optional.empty(), Optional.empty(), file("ca.crt"), Optional.of("harp.nc")));
      case MUTUAL ->
          options.tls(
              TunnelClientTls.files(
                  file("client.crt"), file("client.key"), file("ca.crt"), Optional.of("harp.nc")));
    };
  }

  private String frpsToml(Tls tls, boolean mux) {
    var toml =
        """
        bindAddr = "127.0.0.1"
        bindPort = %d
        allowPorts = [{start = 20000, end = 60000}]
        transport.tcpMux = %s
        log.level = "debug"
        """
            .formatted(serverPort, mux);
    var folder = certs.resolve("frp");
    if (tls == Tls.SERVER_ONLY || tls == Tls.MUTUAL) {
      toml +=
          """
          transport.tls.force = true
          transport.tls.certFile = "%s/server.crt"
          transport.tls.keyFile = "%s/server.key"
          """
              .formatted(folder, folder);
    }
    return tls == Tls.MUTUAL
        ? toml + "transport.tls.trustedCaFile = \"%s/ca.crt\"\n".formatted(folder)
        : toml;
  }

  private static Optional<Path> file(String name) {
    return Optional.of(certs.resolve("frp").resolve(name));
  }

  private static int remotePort(TunnelClient client) {
    return remotePort(client::status);
  }

  private static int remotePort(Supplier<TunnelClientStatus> client) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(
            () -> assertThat(client.get()).matches(TunnelClientStatus::isHealthy, "is healthy"));
    return Integer.parseInt(client.get().proxies().get(0).remoteAddress().substring(1));
  }
}
