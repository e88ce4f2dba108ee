// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Where;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
    before.opened(1, 23000, new TunnelHolder(Optional.of(DEMO.deployment())));

    var after = open(new PortFile(folder.resolve(NAME)).read());

    assertThat(after.at(23000)).isEqualTo(Where.NOWHERE);
    assertThat(after.reachedAs(DEMO)).contains(DEMO.deployment());
    assertThat(after.reachedAs(exApp("by-hand", "another secret"))).isEmpty();
  }

  @Test
  void s17_whatWasNotKnownPreciselyIsNotKnownPreciselyAfterARestartEither() {
    var before = open(Map.of());
    before.opened(1, 23000, new TunnelHolder(Optional.empty()));
    before.opened(2, 23001, new TunnelHolder(Optional.of(Deployment.of(new AppId("old-form")))));
    before.expect(DEMO.deployment(), 23002);

    var past = new PortFile(folder.resolve(NAME)).read();

    assertThat(past)
        .containsEntry(23000, new Past(true, true, List.of()))
        .containsEntry(23001, new Past(true, false, List.of(Deployment.of(new AppId("old-form")))))
        .containsEntry(23002, new Past(false, false, List.of(DEMO.deployment())))
        .hasSize(3);
  }

  @Test
  void s17_whatCantBePutInPlaceLeavesNothingElse() throws IOException {
    var inTheWay = Files.createDirectories(folder.resolve(NAME).resolve("full"));

    open(Map.of()).opened(1, 23000, new TunnelHolder(Optional.of(DEMO.deployment())));

    assertThat(folder).isDirectoryRecursivelyContaining(inTheWay::equals);
    assertThat(folder.toFile().list()).containsExactly(NAME);
  }

  @Test
  void s17_theFileIsWrittenOnlyWhenThereIsSomethingNew() throws IOException {
    var ports = open(Map.of());
    ports.opened(1, 23000, new TunnelHolder(Optional.of(DEMO.deployment())));
    Files.delete(folder.resolve(NAME));

    ports.closed(1, 23000);
    ports.opened(2, 23000, new TunnelHolder(Optional.of(DEMO.deployment())));

    assertThat(folder.resolve(NAME)).doesNotExist();
  }

  @Test
  void s17_aPortRemembersTheLastFewOwners() {
    var ports = open(Map.of());
    for (int i = 0; i < 100; i++) {
      ports.opened(i, 23000, new TunnelHolder(Optional.of(deployment(i))));
    }

    assertThat(ports.past().get(23000).owners())
        .hasSize(8)
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
    open(Map.of()).opened(1, 23000, new TunnelHolder(Optional.of(DEMO.deployment())));

    var file = folder.resolve(NAME);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).doesNotContain("its secret");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** As a tunnel server has them, but written at once. */
  private TunnelRegister open(Map<Integer, Past> past) {
    var file = new PortFile(folder.resolve(NAME));
    var records = new CachedExAppRecords(new FakeNextcloud(), Ticker.systemTicker());
    var register = new TunnelRegister(records, past, Ticker.systemTicker());
    register.watch(
        event -> event.when(opened -> {}, closed -> {}, remembered -> file.write(register::past)));
    return register;
  }

  private static Deployment deployment(int number) {
    return Deployment.of(new AppId("demo"), Secret.of("secret " + number));
  }

  private static ExApp exApp(String id, String secret) {
    return TestExApp.at("127.0.0.1", 23000, id, secret);
  }
}
