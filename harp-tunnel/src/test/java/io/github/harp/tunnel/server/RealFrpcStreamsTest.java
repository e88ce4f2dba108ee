// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.github.harp.tunnel.server.FrpcToml.Tls;
import io.netty.channel.ChannelOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of the real frpc: much, many, slow ones, and how they end. */
class RealFrpcStreamsTest extends FrpcOverTcp {

  private static final int PORT_OF_NOBODY = 1;

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void oneGibibyteArrivesUnchanged(String version) throws Exception {
    long bytes = version.equals(FrpBinaries.FIELD) ? 1L << 30 : 100L << 20;
    Path folder = startTlsServer(Tls.MUTUAL);
    connected(version, toml().withTls(Tls.MUTUAL, folder));

    TunnelUser user = user().says("send " + bytes + "\n");

    assertThat(user.awaitEnd()).isEqualTo(bytes);
    assertThat(user.checksum()).isEqualTo(Pattern.checksum(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {FrpBinaries.FIELD, FrpBinaries.NEWEST})
  void twoHundredStreamsAtATime(String version) throws Exception {
    startPlainServer();
    connected(version, toml());
    List<TunnelUser> users = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      users.add(user().says("send " + (100_000 + i) + "\n"));
    }

    for (int i = 0; i < 200; i++) {
      assertThat(users.get(i).awaitEnd()).isEqualTo(100_000 + i);
      assertThat(users.get(i).checksum()).isEqualTo(Pattern.checksum(100_000 + i));
    }
    await().untilAsserted(() -> assertThat(session().streams()).isZero());
  }

  @Test
  void aSlowReaderDoesNotStallOthers() throws Exception {
    startPlainServer();
    connected(FrpBinaries.FIELD, toml());
    TunnelUser slow = user();
    slow.channel().config().setAutoRead(false);
    slow.says("send 50000000\n");

    for (int i = 0; i < 5; i++) {
      TunnelUser fast = user().says("send 10000000\n");
      assertThat(fast.awaitEnd()).isEqualTo(10_000_000);
    }
    assertThat(slow.ended).isNotDone();
    assertThat(server.status().heldBytes()).isLessThan(8L << 20);

    slow.channel().config().setAutoRead(true);
    assertThat(slow.awaitEnd()).isEqualTo(50_000_000);
    assertThat(slow.checksum()).isEqualTo(Pattern.checksum(50_000_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.52.3", FrpBinaries.FIELD, "0.65.0", FrpBinaries.NEWEST})
  @DisplayName(
      "S1: many that stand still leave room for others in the same tunnel, and lose nothing")
  void s1_manySlowReadersDoNotStallOthers(String version) throws Exception {
    int standing = 60;
    long limit = 4L << 20;
    startServer(TunnelServerOptions.builder().plain(true).limits(Limits.heldBytes(limit)));
    connected(version, toml());
    List<TunnelUser> slow = new ArrayList<>();
    for (int i = 0; i < standing; i++) {
      slow.add(user());
      slow.get(i).channel().config().setAutoRead(false);
      slow.get(i).says("send 1000000\n");
    }
    await().until(() -> server.status().heldBytes() > standing * 16 * 1024);

    for (int i = 0; i < 5; i++) {
      TunnelUser other = user().says("send 100000\n");
      assertThat(other.awaitEnd()).isEqualTo(100_000);
    }

    assertThat(server.status().heldBytes()).isLessThan(limit);
    for (TunnelUser user : slow) {
      user.channel().config().setAutoRead(true);
    }
    for (TunnelUser user : slow) {
      assertThat(user.awaitEnd()).isEqualTo(1_000_000);
      assertThat(user.checksum()).isEqualTo(Pattern.checksum(1_000_000));
    }
  }

  @Test
  void aUserWhoLeavesEndsTheServicesConnection() throws Exception {
    startPlainServer();
    connected(FrpBinaries.FIELD, toml());
    TunnelUser user = user().says("sink\n");
    await().until(() -> backend.openConnections() == 1);

    user.channel().close();

    await().until(() -> backend.openConnections() == 0);
  }

  @Test
  void aUserWhoResetsEndsTheServicesConnection() throws Exception {
    startPlainServer();
    connected(FrpBinaries.FIELD, toml());
    TunnelUser user = user().says("send 1000000000\n");
    await().until(() -> user.received() > 0);

    user.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    user.channel().close();

    await().until(() -> backend.openConnections() == 0);
    assertThatBytesPass();
  }

  @Test
  void aServiceThatResetsEndsTheUsersStream() throws Exception {
    startPlainServer();
    connected(FrpBinaries.FIELD, toml());

    TunnelUser user = user().says("abort 500000\n");

    assertThat(user.awaitEnd()).isLessThanOrEqualTo(500_000);
    assertThatBytesPass();
  }

  @Test
  void aServiceThatIsDownEndsTheUsersStreamAtOnce() throws Exception {
    startPlainServer();
    connected(FrpBinaries.FIELD, FrpcToml.of(serverPort, PORT_OF_NOBODY, KEY));

    TunnelUser user = user().says("echo\n");

    assertThat(user.awaitEnd()).isZero();
  }

  @Test
  void aKilledClientIsNoticedAndComesBack() throws Exception {
    startPlainServer();
    FrpProcess frpc = connected(FrpBinaries.FIELD, toml());
    TunnelUser user = user().says("sink\n");

    frpc.kill();

    user.awaitEnd();
    await().until(() -> !OpenPorts.has(server, PORT));
    frpc.restart();
    await().atMost(PATIENCE).until(() -> OpenPorts.has(server, PORT));
    assertThatBytesPass();
  }

  @Test
  void clientsComeBackAfterTheServerRestarts() throws Exception {
    startPlainServer();
    connected(FrpBinaries.FIELD, toml());
    server.close();

    startPlainServer();

    await().atMost(PATIENCE).until(() -> OpenPorts.has(server, PORT));
    assertThatBytesPass();
  }
}
