// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientStatus.Visitor;
import io.github.harp.tunnel.client.TunnelClientStatus.Went;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.client.TunnelVisitor.Straight;
import io.github.harp.tunnel.server.TunnelStatus;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client visits a service of frpc's or of its own kind, under our server and under frps. */
class StraightVisitorTest {

  private static final int SIZE = 3_000_000;

  /** Of both users who talk, there and back. */
  private static final long BYTES = 2 * (SIZE + "hellothereagain".length());

  private StraightWorld world;

  @BeforeEach
  void start() throws Exception {
    world = new StraightWorld();
  }

  @AfterEach
  void stop() throws Exception {
    world.close();
  }

  private static Visitor visitor(TunnelClient client) {
    return client.status().visitors().get(0);
  }

  private static TunnelVisitor wrapped(TunnelVisitor plain, boolean wrapped) {
    return new TunnelVisitor(
        plain.name(),
        plain.way(),
        plain.service(),
        plain.secret(),
        plain.address(),
        wrapped,
        wrapped,
        plain.straight());
  }

  @ParameterizedTest(name = "an owner of frpc {0}, wrapped {1}")
  @CsvSource({"0.61.1, false", "0.70.1, true"})
  void anOwnerOfFrpUnderOurServer(String version, boolean wrapped) throws Exception {
    var server = world.ourServer();
    var serverPort = StraightWorld.port(server);
    world.frpcOwner(
        version,
        serverPort,
        ProxyType.XTCP,
        "transport.useEncryption = %1$s\ntransport.useCompression = %1$s".formatted(wrapped));
    var client =
        world.ourVisitor(
            world.client(serverPort), wrapped(StraightWorld.visitor(ProxyType.XTCP), wrapped));

    world.talk(StraightWorld.portOf(client), SIZE);

    assertThat(visitor(client).straight()).isEqualTo(new Went(2, BYTES));
    assertThat(visitor(client).relayed()).isEqualTo(new Went(0, 0));
    assertThat(visitor(client).whyNotStraight()).isEmpty();
    assertThat(server.status().introductions())
        .isEqualTo(new TunnelStatus.Introductions(1, 1, 1, 0, "", 0));
  }

  @ParameterizedTest(name = "frps {0}, an owner of frpc {1}")
  @CsvSource({"0.61.1, 0.61.1", "0.70.1, 0.70.1", "0.61.1, 0.70.1"})
  void anOwnerOfFrpUnderFrps(String server, String owner) throws Exception {
    var serverPort = world.frps(server);
    world.frpcOwner(owner, serverPort, ProxyType.XTCP, "");
    var client = world.ourVisitor(world.client(serverPort), StraightWorld.visitor(ProxyType.XTCP));

    world.talk(StraightWorld.portOf(client), SIZE);

    assertThat(visitor(client).straight()).isEqualTo(new Went(2, BYTES));
  }

  @ParameterizedTest(name = "wire {0}, wrapped {1}")
  @CsvSource({"V1, false", "V2, true"})
  void allOurs(WireProtocol wire, boolean wrapped) throws Exception {
    var serverPort = StraightWorld.port(world.ourServer());
    world.ourOwner(serverPort, wire, wrapped);
    var client =
        world.ourVisitor(
            world.client(serverPort).wireProtocol(wire),
            wrapped(StraightWorld.visitor(ProxyType.XTCP), wrapped));

    world.talk(StraightWorld.portOf(client), SIZE);

    assertThat(visitor(client).straight()).isEqualTo(new Went(2, BYTES));
  }

  @ParameterizedTest(name = "stcp, server {0}, owner {1}, wrapped {2}, wire {3}")
  @CsvSource({
    "ours, 0.61.1, false, V1",
    "0.61.1, 0.61.1, true, V1",
    "0.70.1, ours, false, V1",
    "ours, ours, true, V2"
  })
  void throughTheServer(String server, String owner, boolean wrapped, WireProtocol wire)
      throws Exception {
    var serverPort =
        server.equals("ours") ? StraightWorld.port(world.ourServer()) : world.frps(server);
    if (owner.equals("ours")) {
      world.ourOwner(serverPort, wire, wrapped, ProxyType.STCP);
    } else {
      world.frpcOwner(owner, serverPort, ProxyType.STCP, "");
    }
    var client =
        world.ourVisitor(
            world.client(serverPort).wireProtocol(wire),
            wrapped(StraightWorld.visitor(ProxyType.STCP), wrapped));

    world.talk(StraightWorld.portOf(client), SIZE);

    assertThat(visitor(client).relayed()).isEqualTo(new Went(2, BYTES));
  }

  @Test
  void whoFindsNoStraightWayGoesThroughTheServerUntilThereIsOne() throws Exception {
    var server = world.ourServer();
    var serverPort = StraightWorld.port(server);
    world.ourOwner(serverPort, WireProtocol.V1, false, ProxyType.STCP);
    var client = world.ourVisitor(world.client(serverPort), withFallback());
    var port = StraightWorld.portOf(client);

    world.talk(port, SIZE);
    assertThat(visitor(client).relayed()).isEqualTo(new Went(2, BYTES));
    assertThat(visitor(client).whyNotStraight()).contains("xtcp server for [xtcp] doesn't exist");
    assertThat(server.status().introductions().relayed()).isEqualTo(2);

    world.ourOwner(serverPort, WireProtocol.V1, false, ProxyType.XTCP);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              try (var user = User.connect(port)) {
                user.echo("straight now?");
              }
              return visitor(client).straight().users() > 0;
            });
    assertThat(visitor(client).whyNotStraight()).isEmpty();
    assertThat(visitor(client).failed()).isZero();
  }

  @Test
  void whereNoDatagramGetsOutUsersWaitForTheFallbackOnly() throws Exception {
    var serverPort = StraightWorld.port(world.ourServer());
    world.ourOwner(serverPort, WireProtocol.V1, false, ProxyType.STCP);
    try (var silent = new DatagramSocket(0, StraightWorld.LOOPBACK)) {
      var nobody = (InetSocketAddress) silent.getLocalSocketAddress();
      var client = world.ourVisitor(world.client(serverPort).stunServer(nobody), withFallback());

      world.talk(StraightWorld.portOf(client), SIZE);

      assertThat(visitor(client).relayed()).isEqualTo(new Went(2, BYTES));
      await()
          .until(() -> visitor(client).whyNotStraight().contains("no answer from the STUN server"));
    }
  }

  @Test
  void aWayThatIsKeptOpenIsThereBeforeAnybodyWantsItAndOutlivesTheServer() throws Exception {
    var server = world.ourServer();
    var serverPort = StraightWorld.port(server);
    world.ourOwner(serverPort, WireProtocol.V1, false);
    var kept =
        new Straight(true, 8, Duration.ofSeconds(90), Optional.empty(), Duration.ZERO, false);
    var client =
        world.ourVisitor(
            world.client(serverPort),
            StraightWorld.visitor(ProxyType.XTCP, StraightWorld.SECRET, kept));
    await().until(() -> visitor(client).whyNotStraight().isEmpty());

    server.close();
    await().until(() -> !client.status().isHealthy());

    world.talk(StraightWorld.portOf(client), SIZE);
    assertThat(visitor(client).straight()).isEqualTo(new Went(2, BYTES));
  }

  @Test
  void aWrongSecretIsNoWayAndSaysSo() throws Exception {
    var serverPort = StraightWorld.port(world.ourServer());
    world.ourOwner(serverPort, WireProtocol.V1, false, ProxyType.STCP);
    var client =
        world.ourVisitor(
            world.client(serverPort),
            StraightWorld.visitor(ProxyType.STCP, "guess", Straight.USUAL));

    try (var user = User.connect(StraightWorld.portOf(client))) {
      assertThat(user.meetsTheEnd()).isTrue();
    }
    assertThat(visitor(client).lastFailure()).contains("auth failed");
    assertThat(visitor(client).failed()).isEqualTo(1);
  }

  private static TunnelVisitor[] withFallback() {
    var relayed = StraightWorld.visitor(ProxyType.STCP);
    var orRelayed =
        new Straight(
            false,
            8,
            Duration.ofSeconds(90),
            Optional.of(relayed.name()),
            Duration.ofMillis(300),
            false);
    return new TunnelVisitor[] {
      StraightWorld.visitor(ProxyType.XTCP, StraightWorld.SECRET, orRelayed),
      new TunnelVisitor(
          relayed.name(),
          relayed.way(),
          relayed.service(),
          relayed.secret(),
          Optional.empty(),
          false,
          false,
          Straight.USUAL)
    };
  }
}
