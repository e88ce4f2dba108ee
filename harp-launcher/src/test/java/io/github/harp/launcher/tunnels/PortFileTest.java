// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.Deployment;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.TunnelTokens.Claim;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.tunnels.RemotePort.Past;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.WireProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("S17: ports that ever had a tunnel are remembered over restarts")
class PortFileTest {

  private static final ExApp DEMO = exApp("demo", "its secret");

  private static final String NAME = "tunnel-ports";

  @TempDir Path folder;

  @Test
  void s17_w7_afterARestartALocalProcessOnThePortOfATunnelGetsNothing() {
    var before = open(Map.of());
    before.opened(session(1, Optional.of(DEMO.deployment())), proxy(23000));

    var after = open(new PortFile(folder.resolve(NAME)).read());

    assertThat(after.isOpen(23000)).isFalse();
    assertThat(after.reachedAs(DEMO)).contains(DEMO.deployment());
    assertThat(after.reachedAs(exApp("by-hand", "another secret"))).isEmpty();
  }

  @Test
  void s17_whatWasNotKnownPreciselyIsNotKnownPreciselyAfterARestartEither() {
    var before = open(Map.of());
    before.opened(session(1, Optional.empty()), proxy(23000));
    before.opened(session(2, Optional.of(Deployment.of(new AppId("old-form")))), proxy(23001));
    before.expect(DEMO.deployment(), 23002);

    var past = new PortFile(folder.resolve(NAME)).read();

    assertThat(past)
        .containsEntry(23000, new Past(true, true, List.of()))
        .containsEntry(23001, new Past(true, false, List.of(Deployment.of(new AppId("old-form")))))
        .containsEntry(23002, new Past(false, false, List.of(DEMO.deployment())))
        .hasSize(3);
  }

  @Test
  void s17_theFileIsWrittenOnlyWhenThereIsSomethingNew() throws IOException {
    var ports = open(Map.of());
    ports.opened(session(1, Optional.of(DEMO.deployment())), proxy(23000));
    Files.delete(folder.resolve(NAME));

    ports.closed(session(1, Optional.of(DEMO.deployment())), proxy(23000), "test");
    ports.opened(session(2, Optional.of(DEMO.deployment())), proxy(23000));

    assertThat(folder.resolve(NAME)).doesNotExist();
  }

  @Test
  void s17_aPortRemembersTheLastFewOwners() {
    var ports = open(Map.of());
    for (int i = 0; i < 100; i++) {
      ports.opened(session(i, Optional.of(deployment(i))), proxy(23000));
    }

    assertThat(ports.past().get(23000).owners())
        .hasSize(RemotePort.MAX_OWNERS)
        .endsWith(deployment(98), deployment(99));
    assertThat(new PortFile(folder.resolve(NAME)).read()).isEqualTo(ports.past());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "23000 opened demo:short",
        "23000 opened ../../etc",
        "23000 closed demo",
        "23000",
        "opened 23000",
        "0 opened demo",
        "23000 opened a b c d e f g h i j",
        "23000  opened",
        "\u0000\u0001\u0002",
        "{\"23000\": []}"
      })
  void s17_aFileThatCannotBeUnderstoodIsAStartWithoutPast(String line) throws IOException {
    Files.writeString(folder.resolve(NAME), "23001 opened *\n" + line + "\n");

    assertThat(new PortFile(folder.resolve(NAME)).read()).isEmpty();
  }

  @Test
  void s17_neitherIsOneThatIsTooLargeOrNoText() throws IOException {
    var file = folder.resolve(NAME);
    Files.writeString(file, "#".repeat(PortFile.MAX_BYTES + 1));
    assertThat(new PortFile(folder.resolve(NAME)).read()).isEmpty();

    Files.write(file, new byte[] {'#', (byte) 0xff, (byte) 0xfe, '\n'});
    assertThat(new PortFile(folder.resolve(NAME)).read()).isEmpty();

    Files.delete(file);
    Files.createDirectory(file);
    assertThat(new PortFile(folder.resolve(NAME)).read()).isEmpty();
  }

  @Test
  void s17_whereItCannotBeWrittenTheMemoryOfTheProcessIsEnough() throws IOException {
    var noFolder = new PortFile(folder.resolve("missing").resolve(NAME));

    noFolder.write(Map::of);
    noFolder.write(Map::of);

    assertThat(noFolder.read()).isEmpty();
    assertThat(folder.resolve("missing")).doesNotExist();
  }

  @Test
  void s17_nobodyElseReadsTheFileAndNothingIsLeftBeside() throws IOException {
    open(Map.of()).opened(session(1, Optional.of(DEMO.deployment())), proxy(23000));

    var file = folder.resolve(NAME);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).doesNotContain("its secret");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** As a tunnel server has them, but written at once. */
  private OpenPorts open(Map<Integer, Past> past) {
    var file = new PortFile(folder.resolve(NAME));
    var self = new ArrayList<OpenPorts>();
    self.add(new OpenPorts(port -> List.of(), past, () -> file.write(() -> self.get(0).past())));
    return self.get(0);
  }

  private static Deployment deployment(int number) {
    return Deployment.of(new AppId("demo"), Secret.of("secret " + number));
  }

  private static ExApp exApp(String id, String secret) {
    return new ExApp(
        new AppId(id),
        "1",
        new ExAppAddress("127.0.0.1", 23000),
        Secret.of(secret),
        RouteTable.empty());
  }

  private static TunnelStatus.Proxy proxy(int port) {
    return new TunnelStatus.Proxy("p" + port, ProxyType.TCP, port, Instant.EPOCH);
  }

  private static TunnelStatus.Session session(int id, Optional<Deployment> tokenOf) {
    var key = TunnelIdentity.shared("shared key");
    return new TunnelStatus.Session(
        id,
        tokenOf.map(it -> key.with(new Claim(it, 23000))).orElse(key),
        InetSocketAddress.createUnresolved("203.0.113.7", 40000),
        "0.61.1",
        WireProtocol.V1,
        true,
        true,
        Instant.EPOCH,
        List.of(),
        0,
        0,
        0,
        0);
  }
}
