// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.outside.PortsCheck.Expectation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortsAndClockTest {

  @Test
  void aPortThatSomebodyElseHasIsNamed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = new ListenAddress("127.0.0.1", taken.getLocalPort());

      var stopped =
          new PortsCheck(
                  AnsweringServer.OUTSIDE, Map.of("HP_FRP_ADDRESS", address), Expectation.STOPPED)
              .examine()
              .toList()
              .get(0);
      var running =
          new PortsCheck(
                  AnsweringServer.OUTSIDE, Map.of("HP_FRP_ADDRESS", address), Expectation.RUNNING)
              .examine()
              .toList()
              .get(0);

      assertThat(stopped.severity()).isEqualTo(Severity.FAILURE);
      assertThat(stopped.seen()).contains(address.toString());
      assertThat(stopped.remedy()).contains("HP_FRP_ADDRESS");
      assertThat(running.severity()).isEqualTo(Severity.OK);
    }
  }

  @Test
  void aListenerThatIsGoneIsAFailure() throws IOException {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    var address = new ListenAddress("127.0.0.1", free);

    assertThat(
            new PortsCheck(
                    AnsweringServer.OUTSIDE, Map.of("HP_FRP_ADDRESS", address), Expectation.RUNNING)
                .examine()
                .toList()
                .get(0)
                .severity())
        .isEqualTo(Severity.FAILURE);
  }

  @Test
  void aClockThatDisagreesIsAWarning() {
    try (var nextcloud = new AnsweringServer()) {
      // The server says what time it really is.
      var agreeing = new ClockCheck(AnsweringServer.probe(), nextcloud.url(), Clock.systemUTC());
      var late =
          new ClockCheck(
              AnsweringServer.probe(),
              nextcloud.url(),
              Clock.offset(Clock.systemUTC(), Duration.ofHours(2)));

      assertThat(agreeing.examine().toList().get(0).severity()).isEqualTo(Severity.OK);
      assertThat(late.examine().toList().get(0).severity()).isEqualTo(Severity.WARNING);
    }
  }
}
