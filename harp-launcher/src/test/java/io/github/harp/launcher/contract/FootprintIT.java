// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the process takes, in things that can be counted: bytes that are alive, classes. */
class FootprintIT {

  private static final int CONNECTIONS = 200;

  /** Measured: about 3,000 bytes, with its connection to the ExApp, which ends a little later. */
  private static final long MOST_PER_CONNECTION = 3_700;

  /** Measured: about 5,000 bytes, of two connections. */
  private static final long MOST_PER_WEBSOCKET = 6_000;

  /** Measured: about 6,200 on Java 17. Each takes time at the start, and memory for ever. */
  private static final long MOST_CLASSES = 7_000;

  private final int port = HarpProcess.freePort();
  private final RawServer exApp = new RawServer();
  private final List<Wire> clients = new ArrayList<>();
  private HarpProcess harp;

  @BeforeEach
  void start() {
    var nextcloud = new NextcloudDouble(Stage.KEY);
    nextcloud.register("idle", exApp.port(), List.of(route(".*", 0)));
    exApp.on(
        "/socket",
        (request, in, out) -> {
          out.write(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
          out.flush();
          in.transferTo(OutputStream.nullOutputStream());
        });
    var environment = Stage.environment(nextcloud.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
    environment.put("HP_LOG_LEVEL", "warning");
    harp = HarpProcess.start(environment).awaitListening(port);
  }

  @AfterEach
  void stop() {
    clients.forEach(Wire::close);
    harp.close();
    exApp.close();
  }

  @Test
  void anIdleConnectionHoldsLittle() throws Exception {
    assertThat(bytesOfEach("/exapps/idle/page", List.of(), 200)).isLessThan(MOST_PER_CONNECTION);
  }

  @Test
  void anIdleWebSocketHoldsLittle() throws Exception {
    var upgrade = List.of("Connection: Upgrade", "Upgrade: websocket");
    assertThat(bytesOfEach("/exapps/idle/socket", upgrade, 101)).isLessThan(MOST_PER_WEBSOCKET);
  }

  @Test
  void theFirstAnswerTakesNoMoreClasses() throws Exception {
    open("/exapps/idle/page", List.of(), 200);

    var loaded = Pattern.compile("(?m)^java\\.cls\\.(?:sharedL|l)oadedClasses=(\\d+)");
    long classes =
        loaded
            .matcher(jcmd("PerfCounter.print"))
            .results()
            .mapToLong(found -> Long.parseLong(found.group(1)))
            .sum();

    assertThat(classes).isBetween(1_000L, MOST_CLASSES);
  }

  /** Once all is there that the first ones need. */
  private long bytesOfEach(String path, List<String> headers, int status) throws Exception {
    openMany(path, headers, status);
    long before = live();
    openMany(path, headers, status);
    return (live() - before) / CONNECTIONS;
  }

  private void openMany(String path, List<String> headers, int status) {
    for (int i = 0; i < CONNECTIONS; i++) {
      open(path, headers, status);
    }
  }

  private void open(String path, List<String> headers, int status) {
    var client = new Wire(port);
    clients.add(client);
    assertThat(client.send(Wire.request("GET", path, headers)).answer().status()).isEqualTo(status);
  }

  /** After a full collection, which this order of the JVM begins with. */
  private long live() throws Exception {
    var total = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)").matcher(jcmd("GC.class_histogram"));
    assertThat(total.find()).isTrue();
    return Long.parseLong(total.group(1));
  }

  private String jcmd(String order) throws IOException, InterruptedException {
    var program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var process =
        new ProcessBuilder(program, Long.toString(harp.pid()), order)
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
