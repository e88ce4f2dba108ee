// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract 2.4: what is waited for, and how long. A tunnel has no limit here. */
class TimeoutIT {

  private static final NextcloudDouble NEXTCLOUD = new NextcloudDouble(Stage.KEY);
  private static final int PORT = HarpProcess.freePort();
  private static RawServer exApp;
  private static HarpProcess harp;

  @BeforeAll
  static void start() {
    exApp = new RawServer();
    var environment = Stage.environment(NEXTCLOUD.port());
    environment.put("HP_EXAPPS_ADDRESS", "\"127.0.0.1:" + PORT + "\"");
    environment.put("HP_TIMEOUT_CLIENT", "3000");
    environment.put("HP_TIMEOUT_SERVER", "3000ms");
    environment.put("HP_TIMEOUT_TUNNEL", "0s");
    harp = HarpProcess.start(environment).awaitListening(PORT);
    NEXTCLOUD.register("app", exApp.port(), List.of(route(".*", 0)));
  }

  @AfterAll
  static void stop() {
    harp.close();
    exApp.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /exapps/app/x HTTP/1.1\r\nHost: a\r\nX-",
        "POST /exapps/app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",
      })
  void aClientThatStopsInTheMiddleIsToldSo(String part) {
    try (var wire = new Wire(PORT)) {
      assertThat(wire.send(part).answer().status()).isEqualTo(408);
    }
  }

  @Test
  void aConnectionThatIsNotUsedIsClosed() {
    try (var wire = new Wire(PORT)) {
      wire.send("GET /exapps/app/x HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(wire.answer().status()).isEqualTo(200);
      assertThat(wire.endsSilently()).isTrue();
    }
  }

  @Test
  void anExAppThatDoesNotAnswerIs504() {
    exApp.on("/silent", (request, in, out) -> in.read());

    try (var wire = new Wire(PORT)) {
      wire.send("GET /exapps/app/silent HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(wire.answer().status()).isEqualTo(504);
    }
  }

  @Test
  void anExAppThatStopsInTheMiddleIsCutOff() {
    exApp.on(
        "/half",
        (request, in, out) -> {
          out.write(latin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
          out.flush();
          in.read();
        });

    try (var wire = new Wire(PORT)) {
      wire.send("GET /exapps/app/half HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(wire.answer().complete()).isFalse();
    }
  }

  @Test
  void aTunnelWithoutALimitOutlivesTheOthers() throws Exception {
    exApp.on(
        "/socket",
        (request, in, out) -> {
          out.write(
              latin(
                  "HTTP/1.1 101 Switching Protocols\r\n"
                      + "Upgrade: websocket\r\n"
                      + "Connection: Upgrade\r\n\r\n"));
          out.flush();
          in.read();
          TimeUnit.SECONDS.sleep(6);
          out.write(latin("late"));
          out.flush();
          in.read();
        });

    try (var wire = new Wire(PORT)) {
      wire.send(
          "GET /exapps/app/socket HTTP/1.1\r\n"
              + "Host: a\r\n"
              + "Upgrade: websocket\r\n"
              + "Connection: Upgrade\r\n\r\n");
      assertThat(wire.answer().status()).isEqualTo(101);
      assertThat(wire.send("!").read(4)).isEqualTo("late");
    }
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
