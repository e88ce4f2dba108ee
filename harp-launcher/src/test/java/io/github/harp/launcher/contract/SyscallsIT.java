// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
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

  @TempDir private Path folder;

  @Test
  void aSmallRequestIsTwoReadsAndTwoWrites() throws Exception {
    assumeTrue(Files.isExecutable(STRACE), "strace is not installed");
    int port = HarpProcess.freePort();
    var nextcloud = new NextcloudDouble(Stage.KEY);
    try (var exApp = new RawServer()) {
      nextcloud.register("counted", exApp.port(), List.of(route(".*", 0)));
      var environment = Stage.environment(nextcloud.port());
      environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
      environment.put("HP_TRANSPORT", "epoll");
      environment.put("HP_LOG_LEVEL", "warning");
      try (var harp = HarpProcess.start(environment).awaitListening(port);
          var client = new Wire(port)) {
        ask(client);
        // They are read from the JAR, once.
        Awaitility.await().atMost(PATIENCE).until(() -> !isLoadingEarlyClasses(harp.pid()));
        var calls = callsDuring(harp, () -> ask(client));

        assertThat(perRequest(calls, READS)).as("reads, of %s", calls).isBetween(1.9, 2.3);
        assertThat(perRequest(calls, WRITES)).as("writes, of %s", calls).isBetween(1.9, 2.3);
        assertThat(perRequest(calls, calls.keySet())).as("all of %s", calls).isLessThan(7);
      }
    }
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

  private static void ask(Wire client) {
    var request = Wire.request("GET", "/exapps/counted/small", List.of());
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(client.send(request).answer().status()).isEqualTo(200);
    }
  }

  private Map<String, Integer> callsDuring(HarpProcess harp, Runnable work)
      throws IOException, InterruptedException {
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
