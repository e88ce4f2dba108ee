// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.target.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class SteadyRateTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void everyRequestThatWasDueIsCounted() throws IOException {
    assertThat(run(OK, 0).getTotalCount()).isEqualTo(100);
  }

  @Test
  void aStallIsChargedToTheRequestsThatHadToWaitForIt() throws IOException {
    long stallMillis = 500;

    var latencies = run(OK, stallMillis);

    assertThat(latencies.getTotalCount()).isEqualTo(100);
    // All were due within a tenth of a second, on one connection that was stuck for longer.
    assertThat(latencies.getMinValue())
        .isGreaterThan(Duration.ofMillis(stallMillis - 200).toNanos());
  }

  @Test
  void anAnswerThatIsNoSuccessSpoilsTheRun() {
    assertThatThrownBy(() -> run("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 0))
        .isInstanceOf(BenchException.class);
  }

  private static Histogram run(String answer, long stallMillis) throws IOException {
    try (var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      var serving = new Thread(() -> serve(server, answer, stallMillis));
      serving.setDaemon(true);
      serving.start();
      var target = new Target(server.getLocalPort(), false, "", Map.of());
      return new SteadyRate(target, "x", 1).run(1000, Duration.ofMillis(100));
    }
  }

  /** Answers one connection, request by request, the first one late. */
  private static void serve(ServerSocket server, String answer, long stallMillis) {
    try (Socket socket = server.accept()) {
      var in = socket.getInputStream();
      int lineEnds = 0;
      boolean first = true;
      for (int next = in.read(); next >= 0; next = in.read()) {
        lineEnds = next == '\n' ? lineEnds + 1 : next == '\r' ? lineEnds : 0;
        if (lineEnds == 2) {
          if (first) {
            Thread.sleep(stallMillis);
            first = false;
          }
          lineEnds = 0;
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException | InterruptedException e) {
      return; // The client is done.
    }
  }
}
