// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.process.ParallelWork;
import io.github.harp.bench.process.Tool;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A new TLS session, one request of HTTP/1.0 and the end, again and again; {@code openssl s_time}
 * does it.
 */
public final class TlsHandshakes implements Load {
  private static final Pattern LINE =
      Pattern.compile("(\\d+) connections in (\\d+) real seconds, (\\d+) bytes read");

  private final Tool openssl;
  private final int clients;
  private final String resource;

  /** With a number of clients that work side by side. */
  public TlsHandshakes(Tool openssl, int clients, String resource) {
    this.openssl = openssl;
    this.clients = clients;
    this.resource = resource;
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var seconds = Math.max(2, duration.toSeconds());
    var arguments =
        List.of(
            "s_time",
            "-connect",
            "127.0.0.1:" + target.port(),
            "-new",
            "-time",
            String.valueOf(seconds),
            "-www",
            target.path(resource));
    var limit = Duration.ofSeconds(seconds + 20);
    var counts =
        ParallelWork.run(clients, limit, i -> () -> connections(openssl.run(limit, arguments)));
    long connections = counts.stream().mapToLong(Long::longValue).sum();
    return new Sample(connections, 0, Map.of(Metric.HANDSHAKES, connections / (double) seconds));
  }

  private static long connections(String output) {
    var line = LINE.matcher(output);
    if (!line.find() || "0".equals(line.group(3))) {
      throw new BenchException("openssl s_time made no connection with an answer: " + output);
    }
    return Long.parseLong(line.group(1));
  }
}
