// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code harp send} and {@code harp fetch} with what {@code harp tokens} printed for each. */
class FilesIT {

  private static final Path FRPC =
      Path.of(System.getProperty("harp.root", ".."), "interop/bin/0.61.1/frpc").toAbsolutePath();
  private static final Path JAR =
      Path.of(System.getProperty("harp.jar", "target/harp.jar")).toAbsolutePath();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private final NextcloudDouble nextcloud = new NextcloudDouble(Stage.KEY);
  private final Map<String, String> environment = Stage.environment(nextcloud.port());
  private final int tunnels = HarpProcess.freePort();
  private final List<Process> programs = new ArrayList<>();
  private HarpProcess harp;
  private Path to;

  @BeforeEach
  void start() throws IOException {
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:" + tunnels);
    environment.put("HP_STUN_ADDRESS", "127.0.0.1:" + freePairOfPorts());
    harp = HarpProcess.start(environment).awaitListening(tunnels);
    nextcloud.register("bulk", 23000, List.of());
    to = folder.resolve("to");
  }

  private static int freePairOfPorts() throws IOException {
    try (var one = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return one.getLocalPort();
    }
  }

  @AfterEach
  void stop() {
    programs.forEach(Process::destroyForcibly);
    harp.close();
  }

  private Process start(String name, List<String> command) throws IOException {
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    programs.add(process);
    return process;
  }

  private Process harp(String name, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("env", "--default-signal", JAVA, "-Xmx128m", "-jar"));
    command.add(JAR.toString());
    command.addAll(List.of(arguments));
    return start(name, command);
  }

  private String tokens(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(JAVA, "-jar", JAR.toString(), "tokens"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return new String(builder.start().getInputStream().readAllBytes(), UTF_8);
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void awaitEnd(Process process, String name, int code) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(log(name)).isTrue();
    assertThat(process.exitValue()).as(log(name)).isEqualTo(code);
  }

  private String toml(String token) throws IOException {
    for (var file : List.of("client.crt", "client.key", "ca.crt")) {
      if (!Files.exists(folder.resolve(file))) {
        Files.copy(harp.certificates().resolve("frp").resolve(file), folder.resolve(file));
      }
    }
    return """
    serverAddr = "127.0.0.1"
    serverPort = %d
    natHoleStunServer = "%s"
    loginFailExit = false
    metadatas.token = "%s"
    transport.tls.certFile = "client.crt"
    transport.tls.keyFile = "client.key"
    transport.tls.trustedCaFile = "ca.crt"
    transport.tls.serverName = "harp.nc"
    """
        .formatted(tunnels, environment.get("HP_STUN_ADDRESS"), token);
  }

  private String owner(int port) throws IOException {
    return tokens("owner", "--app=bulk", "--local-port=" + port);
  }

  private String visitor() throws IOException {
    return tokens("visitor", "--app=bulk", "--server=127.0.0.1");
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

  /** What has passed the gateway. */
  private long bytes() throws IOException {
    var admin = environment.get("HP_ADMIN_ADDRESS");
    var port = Integer.parseInt(admin.substring(admin.indexOf(':') + 1));
    try (var wire = new Wire(port)) {
      var answer =
          wire.send(Wire.request("GET", "/status", List.of("harp-shared-key: " + Stage.KEY)))
              .answer();
      return new JsonObject(answer.text())
          .getJsonObject("tunnels").getJsonArray("sessions").stream()
              .mapToLong(session -> ((JsonObject) session).getLong("bytes_in"))
              .sum();
    }
  }

  @Test
  void aFolderGoesStraightAndNoneOfItThroughTheGateway() throws Exception {
    var one = file("set/one.bin", 30);
    var two = file("set/deep/two.bin", 1);
    var owner = write("owner.toml", toml(Stage.KEY) + owner(HarpProcess.freePort()));
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
    assertThat(bytes()).as(log("fetch")).isLessThan(8L * MIB);
  }

  @Test
  void whereTheyCantMeetItGoesThroughTheGatewayAndOnAfterEitherWasKilled() throws Exception {
    var file = file("big.bin", 200);
    var owner = write("owner.toml", toml(Stage.KEY) + owner(HarpProcess.freePort()));
    // Nobody tells this visitor how it is seen.
    var visitor =
        write("visitor.toml", visitor().replace(environment.get("HP_STUN_ADDRESS"), "127.0.0.1:1"));
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
    assumeTrue(Files.isExecutable(FRPC), "no " + FRPC + "; interop/build makes it");
    var file = file("from-the-exapp", 5);
    var token = new HmacTunnelTokens(SharedKey.of(Stage.KEY)).mint(new AppId("bulk"), 23000);
    var own =
        """
        [[proxies]]
        name = "bulk"
        type = "tcp"
        remotePort = 23000
        localPort = 1
        """;
    var toml = write("frpc.toml", toml(token) + own + owner(HarpProcess.freePort()));
    start("frpc", List.of(FRPC.toString(), "-c", toml));

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
    var owner = write("owner.toml", toml(Stage.KEY) + owner(HarpProcess.freePort()));
    var sender = harp("send", "send", "-c", owner, file.toString());
    var fetcher =
        harp("fetch", "fetch", "-c", write("visitor.toml", visitor()), "-o", to.toString());
    await().atMost(PATIENCE).until(() -> Files.exists(to.resolve(".harp-fetch/lock")));
    await().atMost(PATIENCE).until(() -> parts() > 1);

    new ProcessBuilder("kill", "-INT", "" + fetcher.pid()).start().waitFor();

    awaitEnd(fetcher, "fetch", 1);
    awaitEnd(sender, "send", 1);
    assertThat(log("fetch")).contains("harp: stopped; the same command goes on from here");
    assertThat(log("send")).contains("harp: the other side: stopped");
  }

  private long parts() throws IOException {
    try (var parts = Files.list(to.resolve(".harp-fetch"))) {
      return parts.count();
    }
  }
}
