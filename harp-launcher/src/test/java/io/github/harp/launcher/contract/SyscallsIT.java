// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpResponseExpectation;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many calls of the kernel one small request on a kept connection takes: two reads, two writes,
 * and the waits for them. Four fifths of a request's time go there, so each further one is felt.
 */
class SyscallsIT {

  private static final int REQUESTS = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path STRACE = Path.of("/usr/bin/strace");
  private static final List<String> WRITES = List.of("sendto", "sendmsg", "write", "writev");
  private static final List<String> READS = List.of("recvfrom", "recvmsg", "read", "readv");

  private static final int AT_A_TIME = 25;
  private static final int TUNNEL_PORT = 23_000;

  private final int port = HarpProcess.freePort();
  private final RawServer exApp = new RawServer();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    exApp.close();
  }

  @Test
  void aSmallRequestIsTwoReadsAndTwoWrites() throws Exception {
    try (var harp = start(exApp.port(), Map.of());
        var client = new Wire(port)) {
      var calls = callsDuring(harp, () -> ask(client));

      assertThat(perRequest(calls, READS)).as("reads, of %s", calls).isBetween(1.9, 2.3);
      assertThat(perRequest(calls, WRITES)).as("writes, of %s", calls).isBetween(1.9, 2.3);
      assertThat(perRequest(calls, calls.keySet())).as("all of %s", calls).isLessThan(7);
    }
  }

  /** Measured: 2.3 calls, 1.1 of them writes, which are 2.0 where each answer is sent by itself. */
  @Test
  void answersToOneHttp2ConnectionLeaveTogether() throws Exception {
    var vertx = Vertx.vertx();
    var options = new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2);
    var client = vertx.createHttpClient(options.setHttp2ClearTextUpgrade(false));
    try (var harp = start(exApp.port(), Map.of())) {
      var calls = callsDuring(harp, () -> askTogether(client));

      assertThat(perRequest(calls, WRITES)).as("writes, of %s", calls).isBetween(1.0, 1.7);
      assertThat(perRequest(calls, calls.keySet())).as("all of %s", calls).isLessThan(4);
    } finally {
      client.close().await();
      vertx.close().await();
    }
  }

  /**
   * Measured: 8.7 calls. Where another event loop has the tunnel, which is a matter of luck, it is
   * woken for a request, and the client's for the answer; each is a write.
   */
  @Test
  void aSmallRequestThroughATunnelTakesTwoWakesMore() throws Exception {
    int frp = HarpProcess.freePort();
    var environment = Map.of("HP_FRP_ADDRESS", "127.0.0.1:" + frp, "HP_FRP_DISABLE_TLS", "true");
    try (var harp = start(TUNNEL_PORT, environment).awaitListening(frp);
        var exAppSide =
            TunnelClient.start(
                TunnelClientOptions.to("127.0.0.1", frp)
                    .metas(Map.of("token", Stage.KEY))
                    .proxies(
                        TunnelProxy.of(
                            "counted",
                            TUNNEL_PORT,
                            new TunnelTarget.Tcp("127.0.0.1", exApp.port())))
                    .build());
        var client = new Wire(port)) {
      Awaitility.await().atMost(PATIENCE).until(() -> exAppSide.status().isHealthy());
      var calls = callsDuring(harp, () -> ask(client));

      assertThat(perRequest(calls, WRITES)).as("writes, of %s", calls).isBetween(1.9, 4.3);
      assertThat(perRequest(calls, calls.keySet())).as("all of %s", calls).isLessThan(11);
    }
  }

  /** A gateway that forwards to an ExApp called {@code counted} and is warm. */
  private HarpProcess start(int exAppPort, Map<String, String> more) throws IOException {
    assumeTrue(Files.isExecutable(STRACE), "strace is not installed");
    var nextcloud = new NextcloudDouble(Stage.KEY);
    nextcloud.register("counted", exAppPort, List.of(route(".*", 0)));
    var environment = Stage.environment(nextcloud.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
    environment.put("HP_TRANSPORT", "epoll");
    environment.put("HP_LOG_LEVEL", "warning");
    environment.putAll(more);
    return HarpProcess.start(environment).awaitListening(port);
  }

  private static boolean isLoadingEarlyClasses(long pid) throws IOException {
    try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (var thread : threads) {
        // The kernel keeps fifteen characters of a name.
        if (Files.readString(thread.resolve("comm")).startsWith("harp-early-clas")) {
          return true;
        }
      }
    } catch (NoSuchFileException aThreadThatHasEnded) {
      return true;
    }
    return false;
  }

  private void askTogether(HttpClient client) {
    for (int sent = 0; sent < REQUESTS; sent += AT_A_TIME) {
      var answers =
          IntStream.range(0, AT_A_TIME)
              .mapToObj(
                  i ->
                      client
                          .request(HttpMethod.GET, port, "127.0.0.1", "/exapps/counted/small")
                          .compose(HttpClientRequest::send)
                          .expecting(HttpResponseExpectation.SC_OK)
                          .compose(HttpClientResponse::end))
              .toList();
      Future.join(answers).await();
    }
  }

  private static void ask(Wire client) {
    var request = Wire.request("GET", "/exapps/counted/small", List.of());
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(client.send(request).answer().status()).isEqualTo(200);
    }
  }

  private Map<String, Integer> callsDuring(HarpProcess harp, Runnable work)
      throws IOException, InterruptedException {
    work.run();
    // They are read from the JAR, once.
    Awaitility.await().atMost(PATIENCE).until(() -> !isLoadingEarlyClasses(harp.pid()));
    var summary = folder.resolve("calls");
    var messages = folder.resolve("messages");
    var tracer =
        new ProcessBuilder(
                STRACE.toString(),
                "-fc",
                "-e",
                "trace=network,read,write,readv,writev,epoll_wait,epoll_pwait,epoll_pwait2,epoll_ctl",
                "-o",
                summary.toString(),
                "-p",
                Long.toString(harp.pid()))
            .redirectErrorStream(true)
            .redirectOutput(messages.toFile())
            .start();
    Awaitility.await().until(() -> Files.readString(messages).contains("attached"));
    work.run();
    new ProcessBuilder("kill", "-TERM", Long.toString(tracer.pid())).start().waitFor();
    assertThat(tracer.waitFor(60, TimeUnit.SECONDS)).as("strace ends").isTrue();
    return parse(Files.readAllLines(summary));
  }

  /** Rows of time, seconds, microseconds per call, calls, maybe errors, name. */
  private static Map<String, Integer> parse(List<String> rows) {
    var calls = new HashMap<String, Integer>();
    for (var row : rows) {
      var columns = row.trim().split("\\s+");
      if (columns.length >= 5 && columns[3].matches("\\d+")) {
        calls.put(columns[columns.length - 1], Integer.parseInt(columns[3]));
      }
    }
    calls.remove("total");
    return calls;
  }

  private static double perRequest(Map<String, Integer> calls, Iterable<String> names) {
    int sum = 0;
    for (var name : names) {
      sum += calls.getOrDefault(name, 0);
    }
    return (double) sum / REQUESTS;
  }
}
