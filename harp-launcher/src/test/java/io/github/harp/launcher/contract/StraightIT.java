// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ExApp and a visitor of it, each with real frpc and what {@code harp tokens} printed. */
class StraightIT {

  private static final Path FRPC =
      Path.of(System.getProperty("harp.root", ".."), "interop/bin/0.61.1/frpc").toAbsolutePath();
  private static final Path JAR =
      Path.of(System.getProperty("harp.jar", "target/harp.jar")).toAbsolutePath();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final int SIZE = 5_000_000;

  @TempDir Path folder;

  private final NextcloudDouble nextcloud = new NextcloudDouble(Stage.KEY);
  private final RawServer exApp = new RawServer();
  private final Map<String, String> environment = Stage.environment(nextcloud.port());
  private final int tunnels = HarpProcess.freePort();
  private final List<Process> programs = new ArrayList<>();
  private final int visited = HarpProcess.freePort();
  private HarpProcess harp;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(Files.isExecutable(FRPC), "no " + FRPC + "; interop/build makes it");
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:" + tunnels);
    environment.put("HP_STUN_ADDRESS", "127.0.0.1:" + freePairOfPorts());
    harp = HarpProcess.start(environment).awaitListening(tunnels);
    nextcloud.register("bulk", 23000, List.of(route(".*", 0)));
    exApp.on("/download", (request, in, out) -> out.write(("x".repeat(SIZE)).getBytes(UTF_8)));
    owner();
  }

  private static int freePairOfPorts() throws IOException {
    try (var one = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return one.getLocalPort();
    }
  }

  /** The ExApp dials in with its token, as its start script does, and offers its service. */
  private void owner() throws IOException {
    var token = new HmacTunnelTokens(SharedKey.of(Stage.KEY)).mint(new AppId("bulk"), 23000);
    var offer = harp("tokens", "owner", "--app=bulk", "--local-port=" + exApp.port());
    var toml =
        """
        serverAddr = "127.0.0.1"
        serverPort = %d
        natHoleStunServer = "%s"
        loginFailExit = false
        metadatas.token = "%s"
        transport.tls.certFile = "client.crt"
        transport.tls.keyFile = "client.key"
        transport.tls.trustedCaFile = "ca.crt"
        transport.tls.serverName = "harp.nc"
        [[proxies]]
        name = "bulk"
        type = "tcp"
        remotePort = 23000
        localPort = %d
        """
            .formatted(tunnels, environment.get("HP_STUN_ADDRESS"), token, exApp.port());
    frpc("owner", toml + offer);
    await().atMost(Duration.ofSeconds(60)).until(() -> sessions("bulk/relayed"));
  }

  private boolean sessions(String proxy) throws IOException {
    return status().encode().contains("\"" + proxy + "\"");
  }

  private JsonObject status() throws IOException {
    var admin = environment.get("HP_ADMIN_ADDRESS");
    var port = Integer.parseInt(admin.substring(admin.indexOf(':') + 1));
    try (var wire = new Wire(port)) {
      var answer =
          wire.send(Wire.request("GET", "/status", List.of("harp-shared-key: " + Stage.KEY)))
              .answer();
      return new JsonObject(answer.text());
    }
  }

  @AfterEach
  void stop() {
    programs.forEach(Process::destroyForcibly);
    harp.close();
    exApp.close();
  }

  private String harp(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(JAVA, "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new String(builder.start().getInputStream().readAllBytes(), UTF_8);
  }

  private Path frpc(String name, String toml) throws IOException {
    var own = Files.createDirectory(folder.resolve(name));
    for (var file : List.of("client.crt", "client.key", "ca.crt")) {
      Files.copy(harp.certificates().resolve("frp").resolve(file), own.resolve(file));
    }
    Files.writeString(own.resolve("frpc.toml"), toml);
    var log = own.resolve("log");
    programs.add(
        new ProcessBuilder(FRPC.toString(), "-c", "frpc.toml")
            .directory(own.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start());
    return log;
  }

  private String visitor(String... more) throws IOException {
    var arguments =
        new ArrayList<>(
            List.of("tokens", "visitor", "--server=127.0.0.1", "--bind-port=" + visited));
    arguments.addAll(List.of(more));
    return harp(arguments.toArray(String[]::new));
  }

  private int download() throws IOException {
    try (var user = new Socket(InetAddress.getLoopbackAddress(), visited)) {
      user.setSoTimeout(60_000);
      user.getOutputStream().write("GET /download HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
      return length(user.getInputStream());
    }
  }

  /** Up to what was asked for: the service keeps its connections. */
  private static int length(InputStream bytes) throws IOException {
    var chunk = new byte[65_536];
    var length = 0;
    while (length < SIZE) {
      var read = bytes.read(chunk);
      if (read < 0) {
        return length;
      }
      for (var i = 0; i < read; i++) {
        length += chunk[i] == 'x' ? 1 : 0;
      }
    }
    return length;
  }

  @Test
  void bytesGoStraightAndNoneOfThemThroughTheGateway() throws Exception {
    var log = frpc("visitor", visitor("--app=bulk"));
    awaitDownload(log);
    await().atMost(Duration.ofSeconds(60)).until(this::met);

    var before = bytes();
    assertThat(download()).isGreaterThanOrEqualTo(SIZE);
    assertThat(bytes() - before).as("through the gateway").isLessThan(SIZE / 100);
  }

  private void awaitDownload(Path log) {
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(download())
                    .as(() -> logOf(log) + harp.output())
                    .isGreaterThanOrEqualTo(SIZE));
  }

  private static String logOf(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  private boolean met() throws IOException {
    return status().getJsonObject("tunnels").getJsonObject("introductions").getInteger("met") > 0;
  }

  private long bytes() throws IOException {
    return status().getJsonObject("tunnels").getJsonArray("sessions").stream()
        .mapToLong(session -> ((JsonObject) session).getLong("bytes_in"))
        .sum();
  }

  @Test
  void whereTheyCantMeetBytesGoThroughTheGateway() throws Exception {
    // Nobody tells this visitor how it is seen.
    var toml = visitor("--app=bulk").replace(environment.get("HP_STUN_ADDRESS"), "127.0.0.1:1");
    frpc("visitor", toml);

    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> download() >= SIZE);
    assertThat(met()).isFalse();
    assertThat(bytes()).isGreaterThanOrEqualTo(SIZE);
  }

  @Test
  void aPassForAnotherExAppVisitsNothing() throws Exception {
    var other = visitor("--app=other");
    var bulk = visitor("--app=bulk");
    var token = "metadatas.token = \"";
    var log = frpc("visitor", bulk.replace(line(bulk, token), line(other, token)));

    var user =
        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptions()
            .until(
                () -> new Socket(InetAddress.getLoopbackAddress(), visited), Socket::isConnected);
    try (user) {
      user.getOutputStream().write('\n');
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(logOf(log))
                      .contains("xtcp visitor user [] not allowed for [bulk/straight]")
                      .contains("visitor connection of [bulk/relayed] user [] not allowed"));
      assertThat(user.getInputStream().available()).isZero();
    }
    assertThat(bytes()).isZero();
  }

  private static String line(String text, String beginning) {
    return text.lines().filter(each -> each.startsWith(beginning)).findFirst().orElseThrow();
  }

  @Test
  void mistakesAreExplained() throws Exception {
    assertThat(visitor("--app=a b")).contains("--app: app id 'a b': expected");
    assertThat(visitor("--app=bulk", "--ttl=3")).contains("--ttl: found '3'; expected a time");
    assertThat(visitor("--app=bulk", "--ttl=400d")).contains("at most 366d");
    environment.put("HP_STUN_ADDRESS", "0.0.0.0:3478");
    assertThat(visitor("--app=bulk")).contains("HP_STUN_ADVERTISE: found nothing");
    environment.put("HP_STUN_ADVERTISE", "example.com");
    assertThat(visitor("--app=bulk")).contains("HP_STUN_ADVERTISE", "an IP address");
  }
}
