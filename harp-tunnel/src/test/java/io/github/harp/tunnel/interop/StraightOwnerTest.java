// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientStatus.StraightVisitors;
import io.github.harp.tunnel.server.TunnelStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real frpc visits a service of our client, under our server and under frps. */
class StraightOwnerTest {

  private static final int SIZE = 3_000_000;

  private StraightWorld world;

  @BeforeEach
  void start() throws Exception {
    world = new StraightWorld();
  }

  @AfterEach
  void stop() throws Exception {
    world.close();
  }

  @ParameterizedTest(name = "a visitor of frpc {0}, wire {1}, wrapped {2}")
  @CsvSource({"0.61.1, V1, false", "0.70.1, V1, true", "0.70.1, V2, false"})
  void underOurServer(String version, WireProtocol wire, boolean wrapped) throws Exception {
    var server = world.ourServer();
    var serverPort = StraightWorld.port(server);
    var owner = world.ourOwner(serverPort, wire, wrapped);
    var port =
        world.frpcVisitor(
            version,
            serverPort,
            "transport.useEncryption = %1$s\ntransport.useCompression = %1$s".formatted(wrapped));

    world.talk(port, SIZE);

    assertThat(straight(owner)).isEqualTo(new StraightVisitors(1, 1, 0, ""));
    assertThat(server.status().introductions())
        .isEqualTo(new TunnelStatus.Introductions(1, 1, 1, 0, "", 0));
    assertThat(server.status().sessions())
        .extracting(TunnelStatus.Session::bytesIn, TunnelStatus.Session::bytesOut)
        .allSatisfy(bytes -> assertThat(bytes.toList()).containsOnly(0L));
  }

  @ParameterizedTest(name = "frps {0}, a visitor of frpc {1}")
  @CsvSource({"0.61.1, 0.61.1", "0.70.1, 0.70.1", "0.70.1, 0.61.1"})
  void underFrps(String server, String visitor) throws Exception {
    var serverPort = world.frps(server);
    var owner = world.ourOwner(serverPort, WireProtocol.V1, false);

    world.talk(world.frpcVisitor(visitor, serverPort, ""), SIZE);

    assertThat(straight(owner)).isEqualTo(new StraightVisitors(1, 1, 0, ""));
  }

  @Test
  void kcpIsRefusedInWords() throws Exception {
    var serverPort = StraightWorld.port(world.ourServer());
    var owner = world.ourOwner(serverPort, WireProtocol.V1, false);
    var port = world.frpcVisitor(FrpBinaries.FIELD, serverPort, "protocol = \"kcp\"");

    try (var user = User.connect(port)) {
      await().until(() -> straight(owner).missed() == 1);
    }
    assertThat(straight(owner).lastMiss())
        .contains("the visitor wants to speak kcp")
        .contains("expected protocol = \"quic\"");
  }

  private static StraightVisitors straight(TunnelClient owner) {
    return owner.status().proxies().get(0).straight();
  }
}
