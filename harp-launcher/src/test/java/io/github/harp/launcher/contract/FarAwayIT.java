// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.config.VisitorExport;
import io.github.harp.tunnel.config.VisitorExport.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * HaRP, an ExApp and a visitor on hosts of their own, 90 ms from each other, the two behind routers
 * of all kinds. Needs root, for network namespaces.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FarAwayIT {

  private static final int SIZE = 2_000_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final VisitorExport EXPORT = new VisitorExport("bulk/", "known to both");
  private static final int VISITED = 23_000;

  private Path folder;
  private FarHosts hosts;
  private Process harp;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    this.folder = folder;
    hosts = FarHosts.make("--nat", "user=port-restricted", "--nat", "worker=port-restricted");
    var environment =
        Map.ofEntries(
            Map.entry("HP_SHARED_KEY", Stage.KEY),
            Map.entry("HP_LOG_LEVEL", "info"),
            Map.entry("NC_INSTANCE_URL", "http://127.0.0.1:9"),
            Map.entry("HP_EXAPPS_ADDRESS", "127.0.0.1:8780"),
            Map.entry("HP_EXAPPS_HTTPS_ADDRESS", "127.0.0.1:8781"),
            Map.entry("HP_ADMIN_ADDRESS", "127.0.0.1:8200"),
            Map.entry("HP_FRP_ADDRESS", "0.0.0.0:8782"),
            Map.entry("HP_STUN_ADDRESS", "0.0.0.0:3478"),
            Map.entry("HP_STUN_ADVERTISE", FarHosts.SERVER_ADDRESS),
            Map.entry("HP_CERTS_DIR", folder.resolve("certs").toString()));
    harp = hosts.start("server", folder.resolve("harp"), environment, java("serve"));
    awaitWord("harp", "ready:");
    for (var file : new String[] {"client.crt", "client.key", "ca.crt"}) {
      Files.copy(folder.resolve("certs/frp").resolve(file), folder.resolve(file));
    }
    hosts.start(
        "worker", folder.resolve("exapp"), Map.of(), FarHosts.traffic(), "serve", "127.0.0.1:8000");
    var ways = "[[visitors]]";
    var visitor =
        EXPORT.visitor(
            new Server(FarHosts.SERVER_ADDRESS, 8782, OptionalInt.of(3478)),
            Stage.KEY,
            Instant.MAX,
            VISITED);
    Files.writeString(folder.resolve("visitor.toml"), visitor);
    Files.writeString(
        folder.resolve("owner.toml"),
        visitor.substring(0, visitor.indexOf(ways)) + EXPORT.owner(8000));
    hosts.start("worker", folder.resolve("owner"), Map.of(), java("tunnel", "-c", "owner.toml"));
    awaitWord("harp", "opened proxy bulk/relayed");
  }

  private static String[] java(String... arguments) {
    var jar = Path.of(System.getProperty("harp.jar", "target/harp.jar")).toAbsolutePath();
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var jvm = Stream.of(java, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-jar", jar.toString());
    return Stream.concat(jvm, Stream.of(arguments)).toArray(String[]::new);
  }

  private void awaitWord(String program, String word) {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(folder.resolve(program)).content(UTF_8).contains(word));
  }

  @AfterAll
  void stop() throws Exception {
    if (hosts != null) {
      hosts.close();
    }
  }

  @ParameterizedTest(name = "user {0}, worker {1}: {2}")
  @CsvSource({
    "full-cone, full-cone, straight",
    "address-restricted, port-restricted, straight",
    "port-restricted, port-restricted, straight",
    "symmetric, full-cone, straight",
    "full-cone, symmetric, straight",
    "symmetric, symmetric, relayed",
    "udp-blocked, full-cone, relayed",
    "full-cone, udp-blocked, relayed",
  })
  void bytesTakeTheBestWayThereIs(String user, String worker, String way) throws Exception {
    hosts.translate("user", user);
    hosts.translate("worker", worker);
    var name = "visitor of " + worker + " from " + user;
    var visitor =
        hosts.start("user", folder.resolve(name), Map.of(), java("tunnel", "-c", "visitor.toml"));
    try {
      awaitWord(name, "logged in");
      // Whoever comes is served, which way ever, at once or after the time for meeting.
      download(name + ", first");
      if (way.equals("straight")) {
        awaitWord(name, "goes straight");
      }
      var before = FarHosts.sentBytes(harp);
      download(name + ", then");
      var sent = FarHosts.sentBytes(harp) - before;
      if (way.equals("straight")) {
        assertThat(sent).as("through the server").isLessThan(SIZE / 100);
      } else {
        assertThat(sent).as("through the server").isGreaterThan(SIZE);
        assertThat(folder.resolve(name)).content(UTF_8).doesNotContain("goes straight");
      }
    } finally {
      visitor.destroyForcibly().waitFor();
    }
  }

  private void download(String name) throws IOException, InterruptedException {
    var output = folder.resolve(name);
    var url = "http://127.0.0.1:" + VISITED + "/bytes/" + SIZE;
    var download = hosts.start("user", output, Map.of(), FarHosts.traffic(), "get", url);
    assertThat(download.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(name).isTrue();
    assertThat(output).content(UTF_8).contains("bytes " + SIZE);
  }
}
