// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one JAR as an administrator runs it. */
class HarpJarIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern READY =
      Pattern.compile("ready: ExApps on 127\\.0\\.0\\.1:(\\d+), tunnels on 127\\.0\\.0\\.1:(\\d+)");

  @TempDir Path folder;

  private Process process;

  @AfterEach
  void end() throws Exception {
    if (process != null && process.isAlive()) {
      process.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "USR1"})
  void servesUntilASignalAndExitsWithZero(String signal) throws Exception {
    serve(Map.of());
    var port = port(1);

    assertThat(get(port, "/exapps/app_api/heartbeat").body()).isEqualTo("{\"status\":\"ok\"}");

    signal(signal);
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(log()).contains("stopped").doesNotContain("Exception");
  }

  @Test
  void goesOnAfterHup() throws Exception {
    serve(Map.of());
    var port = port(1);

    signal("HUP");

    awaitLog("reading certificates and Nextclouds again");
    assertThat(get(port, "/exapps/app_api/heartbeat").statusCode()).isEqualTo(200);
  }

  @Test
  void makesItsCertificatesAndNeverShowsTheKey() throws Exception {
    serve(Map.of("HP_LOG_LEVEL", "debug"));
    var port = port(1);
    get(port, "/exapps/app_api/info");

    assertThat(folder.resolve("frp")).isDirectoryContaining("glob:**/client.crt");
    assertThat(log()).doesNotContain("correct-horse-battery");
  }

  @Test
  void aPortInUseIsNamedWithoutAStackTrace() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      serve(Map.of("HP_FRP_ADDRESS", "127.0.0.1:" + taken.getLocalPort()));

      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(log())
          .contains("can't start: HP_FRP_ADDRESS 127.0.0.1:" + taken.getLocalPort())
          .contains("in use")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void mistakesInTheConfigurationStartNothing() throws Exception {
    serve(Map.of("HP_BLACKLIST_COUNT", "0", "HP_TIMEOUT_CLIENT", "soon"));

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(78);
    assertThat(log()).contains("HP_BLACKLIST_COUNT: found '0'", "HP_TIMEOUT_CLIENT: found 'soon'");
  }

  @Test
  void theDemoIsOneCommand() throws Exception {
    run(Map.of(), "demo", "--port", "0", "--nextcloud-port", "0", "--tunnel-port", "0");

    awaitLog("Ctrl-C ends the demo");
    var page = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/exapps/demo/").matcher(log());
    assertThat(page.find()).isTrue();
    assertThat(get(URI.create(page.group())).body()).contains("<title>HaRP demo</title>");
    signal("TERM");
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void holdsServicesAndLicences() throws Exception {
    try (var jar = new JarFile(jar().toFile())) {
      var manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Main-Class")).isEqualTo("io.github.harp.launcher.Main");
      assertThat(manifest.getValue("Multi-Release")).isEqualTo("true");
      assertThat(jar.stream().map(entry -> entry.getName()))
          .contains(
              "META-INF/LICENSE.txt",
              "META-INF/NOTICE.txt",
              "META-INF/services/org.slf4j.spi.SLF4JServiceProvider")
          .noneMatch(name -> name.matches("META-INF/[^/]+\\.(SF|RSA|DSA)"));
    }
  }

  /** The number of a machine's kind stands in the 19th byte of an ELF file. */
  @ParameterizedTest
  @CsvSource({"x86_64, 0x3E", "aarch_64, 0xB7"})
  void holdsAllNativeLibrariesForBothMachines(String name, int machine) throws Exception {
    var libraries = new TreeMap<String, Integer>();
    try (var jar = new JarFile(jar().toFile())) {
      for (var entry : jar.stream().filter(it -> it.getName().endsWith(name + ".so")).toList()) {
        try (var in = jar.getInputStream(entry)) {
          var file = Path.of(entry.getName()).getFileName().toString();
          libraries.put(file.replace("_" + name + ".so", ""), (int) in.readNBytes(20)[18] & 0xff);
        }
      }
    }

    assertThat(libraries)
        .containsOnlyKeys(
            "libnetty_quiche42_linux",
            "libnetty_tcnative_linux",
            "libnetty_transport_native_epoll",
            "libnetty_transport_native_io_uring42");
    assertThat(libraries.values()).containsOnly(machine);
  }

  @Test
  void everyLibraryInItIsListedWithItsLicence() throws Exception {
    try (var jar = new JarFile(jar().toFile())) {
      var libraries =
          new JsonObject(text(jar, "META-INF/sbom/application.cdx.json"))
              .getJsonArray("components").stream()
                  .map(JsonObject.class::cast)
                  .filter(library -> !library.getString("group").equals("io.github.harp"))
                  .toList();
      var list = text(jar, "META-INF/THIRD-PARTY.txt");

      assertThat(libraries)
          .extracting(library -> library.getString("name"))
          .contains("netty-codec-http", "vertx-core", "bcpkix-jdk18on", "uplot");
      assertThat(libraries)
          .allSatisfy(
              library -> {
                assertThat(library.getJsonArray("licenses")).as(library.encode()).isNotEmpty();
                assertThat(list)
                    .contains(
                        "%s:%s:%s"
                            .formatted(
                                library.getString("group"),
                                library.getString("name"),
                                library.getString("version")));
              });
    }
  }

  private static String text(JarFile jar, String entry) throws IOException {
    try (var in = jar.getInputStream(jar.getEntry(entry))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void serve(Map<String, String> more) throws IOException {
    run(more);
  }

  /** With all signals at their default: what nohup or a shell starts inherits ignored ones. */
  private void run(Map<String, String> more, String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.addAll(
        List.of(
            "env",
            "--default-signal",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-jar",
            jar().toString()));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "HP_SHARED_KEY", "correct-horse-battery",
                "NC_INSTANCE_URL", "http://127.0.0.1:9",
                "HP_CERTS_DIR", folder.toString(),
                "HP_DOCKER_ENGINES", "",
                "HP_EXAPPS_ADDRESS", "127.0.0.1:0",
                "HP_FRP_ADDRESS", "127.0.0.1:0",
                "HP_ADMIN_ADDRESS", "off"));
    builder.environment().putAll(more);
    process = builder.start();
  }

  private int port(int group) throws IOException {
    awaitLog("ready: ");
    var ready = READY.matcher(log());
    assertThat(ready.find()).isTrue();
    return Integer.parseInt(ready.group(group));
  }

  private void awaitLog(String text) {
    Awaitility.await().atMost(PATIENCE).until(() -> log().contains(text));
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return get(URI.create("http://127.0.0.1:" + port + path));
  }

  private static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri).header("harp-shared-key", "correct-horse-battery").build(),
            BodyHandlers.ofString());
  }

  private static Path jar() {
    return Path.of(System.getProperty("harp.jar", "target/harp.jar"));
  }
}
