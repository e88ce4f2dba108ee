// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ExApp and a visitor of it, each with real frpc and what {@code harp tokens} printed. */
class StraightIT {

  private static final int SIZE = 5_000_000;

  @TempDir Path folder;

  private final RawServer exApp = new RawServer();
  private final int visited = HarpProcess.freePort();
  private StraightStage stage;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(Files.isExecutable(StraightStage.FRPC), "interop/build makes frpc");
    stage = new StraightStage();
    stage.nextcloud.register("bulk", 23000, List.of(route(".*", 0)));
    exApp.on("/download", (request, in, out) -> out.write(("x".repeat(SIZE)).getBytes(UTF_8)));
    owner();
  }

  /** The ExApp dials in with its token, as its start script does, and offers its service. */
  private void owner() throws IOException {
    var offer = stage.says("tokens", "owner", "--app=bulk", "--local-port=" + exApp.port());
    var own =
        """
        [[proxies]]
        name = "bulk"
        type = "tcp"
        remotePort = 23000
        localPort = %d
        """
            .formatted(exApp.port());
    frpc("owner", stage.toml(StraightStage.token()) + own + offer);
    await().atMost(Duration.ofSeconds(60)).until(() -> sessions("bulk/relayed"));
  }

  private boolean sessions(String proxy) throws IOException {
    return stage.status().encode().contains("\"" + proxy + "\"");
  }

  @AfterEach
  void stop() {
    if (stage != null) {
      stage.close();
    }
    exApp.close();
  }

  private Path frpc(String name, String toml) throws IOException {
    var own = Files.createDirectory(folder.resolve(name));
    stage.certificates(own);
    Files.writeString(own.resolve("frpc.toml"), toml);
    var log = own.resolve("log");
    stage.start(own, log, List.of(StraightStage.FRPC.toString(), "-c", "frpc.toml"));
    return log;
  }

  private String visitor(String... more) throws IOException {
    var arguments =
        new ArrayList<>(
            List.of("tokens", "visitor", "--server=127.0.0.1", "--bind-port=" + visited));
    arguments.addAll(List.of(more));
    return stage.says(arguments.toArray(String[]::new));
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

    var before = stage.bytes();
    assertThat(download()).isGreaterThanOrEqualTo(SIZE);
    assertThat(stage.bytes() - before).as("through the gateway").isLessThan(SIZE / 100);
  }

  private void awaitDownload(Path log) {
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(download())
                    .as(() -> StraightStage.text(log) + stage.harp.output())
                    .isGreaterThanOrEqualTo(SIZE));
  }

  private boolean met() throws IOException {
    return stage.status().getJsonObject("introductions").getInteger("met") > 0;
  }

  @Test
  void whereTheyCantMeetBytesGoThroughTheGateway() throws Exception {
    // Nobody tells this visitor how it is seen.
    var toml =
        visitor("--app=bulk").replace(stage.environment.get("HP_STUN_ADDRESS"), "127.0.0.1:1");
    frpc("visitor", toml);

    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> download() >= SIZE);
    assertThat(met()).isFalse();
    assertThat(stage.bytes()).isGreaterThanOrEqualTo(SIZE);
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
                  assertThat(StraightStage.text(log))
                      .contains("xtcp visitor user [] not allowed for [bulk/straight]")
                      .contains("visitor connection of [bulk/relayed] user [] not allowed"));
      assertThat(user.getInputStream().available()).isZero();
    }
    assertThat(stage.bytes()).isZero();
  }

  private static String line(String text, String beginning) {
    return text.lines().filter(each -> each.startsWith(beginning)).findFirst().orElseThrow();
  }

  @Test
  void mistakesAreExplained() throws Exception {
    assertThat(visitor("--app=a b")).contains("--app: app id 'a b': expected");
    assertThat(visitor("--app=bulk", "--ttl=3")).contains("--ttl: found '3'; expected a time");
    assertThat(visitor("--app=bulk", "--ttl=400d")).contains("at most 366d");
    stage.environment.put("HP_STUN_ADDRESS", "0.0.0.0:3478");
    assertThat(visitor("--app=bulk")).contains("HP_STUN_ADVERTISE: found nothing");
    stage.environment.put("HP_STUN_ADVERTISE", "example.com");
    assertThat(visitor("--app=bulk")).contains("HP_STUN_ADVERTISE", "an IP address");
  }
}
