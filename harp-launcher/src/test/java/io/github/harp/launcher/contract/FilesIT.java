// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code harp send} and {@code harp fetch} with what {@code harp tokens} printed for each. */
class FilesIT {

  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private StraightStage stage;
  private Path to;

  @BeforeEach
  void start() throws IOException {
    stage = new StraightStage();
    stage.nextcloud.register("bulk", 23000, List.of());
    stage.certificates(folder);
    to = folder.resolve("to");
  }

  @AfterEach
  void stop() {
    stage.close();
  }

  private Process harp(String name, String... arguments) throws IOException {
    return stage.harp(folder, folder.resolve(name + ".log"), arguments);
  }

  private String log(String name) {
    return StraightStage.text(folder.resolve(name + ".log"));
  }

  private void awaitEnd(Process process, String name, int code) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(log(name)).isTrue();
    assertThat(process.exitValue()).as(log(name)).isEqualTo(code);
  }

  private String owner(int port) throws IOException {
    return stage.says("tokens", "owner", "--app=bulk", "--local-port=" + port);
  }

  private String visitor() throws IOException {
    return stage.says("tokens", "visitor", "--app=bulk", "--server=127.0.0.1");
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private Path file(String name, int mib) throws IOException {
    var file = folder.resolve("from").resolve(name);
    Files.createDirectories(file.getParent());
    var random = new Random(1);
    var chunk = new byte[MIB];
    try (var out = Files.newOutputStream(file)) {
      for (var i = 0; i < mib; i++) {
        random.nextBytes(chunk);
        out.write(chunk);
      }
    }
    return file;
  }

  @Test
  void aFolderGoesStraightAndNoneOfItThroughTheGateway() throws Exception {
    var one = file("set/one.bin", 30);
    var two = file("set/deep/two.bin", 1);
    var owner = write("owner.toml", stage.toml(Stage.KEY) + owner(HarpProcess.freePort()));
    var sender = harp("send", "send", "-c", owner, folder.resolve("from/set").toString());
    // Those who come before the service is there go through the gateway, and on straight later.
    var fetcher =
        harp("fetch", "fetch", "-c", write("visitor.toml", visitor()), "-o", to.toString());

    awaitEnd(fetcher, "fetch", 0);
    awaitEnd(sender, "send", 0);

    assertThat(to.resolve("set/one.bin")).hasSameBinaryContentAs(one);
    assertThat(to.resolve("set/deep/two.bin")).hasSameBinaryContentAs(two);
    assertThat(log("fetch")).contains("fetched 2 files to ");
    assertThat(log("send")).contains("sent 2 files, 32.5 MB");
    assertThat(stage.bytes()).as(log("fetch")).isLessThan(8L * MIB);
  }

  @Test
  void whereTheyCantMeetItGoesThroughTheGatewayAndOnAfterEitherWasKilled() throws Exception {
    var file = file("big.bin", 200);
    var owner = write("owner.toml", stage.toml(Stage.KEY) + owner(HarpProcess.freePort()));
    // Nobody tells this visitor how it is seen.
    var visitor =
        write(
            "visitor.toml",
            visitor().replace(stage.environment.get("HP_STUN_ADDRESS"), "127.0.0.1:1"));
    var fetcher = harp("fetch", "fetch", "-c", owner, "-o", to.toString());
    var sender = harp("send", "send", "-c", visitor, file.toString());

    awaitPart(20L * MIB, "fetch");
    sender.destroyForcibly().waitFor();
    var first = part();
    sender = harp("send2", "send", "-c", visitor, file.toString());
    awaitPart(first + 20L * MIB, "fetch");
    fetcher.destroyForcibly().waitFor();
    var second = part();
    fetcher = harp("fetch2", "fetch", "-c", owner, "-o", to.toString());

    awaitEnd(fetcher, "fetch2", 0);
    awaitEnd(sender, "send2", 0);
    assertThat(to.resolve("big.bin")).hasSameBinaryContentAs(file);
    assertThat(second).isGreaterThan(40L * MIB);
    assertThat(moved("fetch2")).isLessThan(220 - second / 1e6);
    assertThat(log("fetch2")).doesNotContain("straight");
  }

  /** Megabytes, by its last line: {@code fetched 1 file to …; 123.4 MB in 0:03}. */
  private double moved(String name) {
    var log = log(name);
    var end = log.lastIndexOf(" MB in ");
    return Double.parseDouble(log.substring(log.lastIndexOf(' ', end - 1) + 1, end));
  }

  private void awaitPart(long bytes, String name) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(() -> assertThat(part()).as(log(name)).isGreaterThan(bytes));
  }

  private long part() throws IOException {
    var staging = to.resolve(".harp-fetch");
    if (!Files.isDirectory(staging)) {
      return 0;
    }
    try (var parts = Files.list(staging)) {
      return parts.mapToLong(each -> each.toFile().length()).max().orElse(0);
    }
  }

  @Test
  void besideAnFrpcThatRunsWithTheSameFile() throws Exception {
    assumeTrue(Files.isExecutable(StraightStage.FRPC), "interop/build makes frpc");
    var file = file("from-the-exapp", 5);
    var own =
        """
        [[proxies]]
        name = "bulk"
        type = "tcp"
        remotePort = 23000
        localPort = 1
        """;
    var toml =
        write("frpc.toml", stage.toml(StraightStage.token()) + own + owner(HarpProcess.freePort()));
    var command = List.of(StraightStage.FRPC.toString(), "-c", toml);
    stage.start(folder, folder.resolve("frpc.log"), command);

    awaitEnd(harp("alone", "send", "-c", toml, file.toString()), "alone", 1);
    assertThat(log("alone")).contains("opens ports, too").contains("expected --listen");

    var sender = harp("send", "send", "--listen", "-c", toml, file.toString());
    var visitor = write("visitor.toml", visitor());
    awaitEnd(harp("fetch", "fetch", "-c", visitor, "-o", to.toString()), "fetch", 0);
    awaitEnd(sender, "send", 0);
    assertThat(to.resolve("from-the-exapp")).hasSameBinaryContentAs(file);
  }

  @Test
  void aSignalEndsBothSidesInWords() throws Exception {
    var file = folder.resolve("endless");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 33);
    }
    var owner = write("owner.toml", stage.toml(Stage.KEY) + owner(HarpProcess.freePort()));
    var sender = harp("send", "send", "-c", owner, file.toString());
    var fetcher =
        harp("fetch", "fetch", "-c", write("visitor.toml", visitor()), "-o", to.toString());
    await().atMost(PATIENCE).until(() -> Files.exists(to.resolve(".harp-fetch/lock")));
    await().atMost(PATIENCE).until(() -> parts() > 1);

    new ProcessBuilder("kill", "-INT", "" + fetcher.pid()).start().waitFor();

    awaitEnd(fetcher, "fetch", 1);
    awaitEnd(sender, "send", 1);
    assertThat(log("fetch")).contains("harp: stopped; begun again, it goes on from here");
    assertThat(log("send")).contains("harp: the other side: stopped");
  }

  private long parts() throws IOException {
    try (var parts = Files.list(to.resolve(".harp-fetch"))) {
      return parts.count();
    }
  }
}
