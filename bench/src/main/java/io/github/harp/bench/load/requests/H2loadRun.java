// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.Tool;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One run of h2load: closed-loop load over a few connections of HTTP/2 with many streams each. It
 * tells no percentiles.
 */
public final class H2loadRun implements Load {
  private static final int THREADS = 2;
  private static final Pattern DONE =
      Pattern.compile("(\\d+) done, (\\d+) succeeded, (\\d+) failed, (\\d+) errored");

  private final Tool h2load;
  private final int connections;
  private final int streams;
  private final String resource;

  /** With a number of connections, and of requests at a time on each. */
  public H2loadRun(Tool h2load, int connections, int streams, String resource) {
    this.h2load = h2load;
    this.connections = connections;
    this.streams = streams;
    this.resource = resource;
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var arguments =
        new ArrayList<>(
            List.of(
                "-t" + THREADS,
                "-c" + connections,
                "-m" + streams,
                "--duration=" + duration.toSeconds()));
    target.headers().forEach((name, value) -> arguments.add("--header=" + name + ": " + value));
    arguments.add(target.url(resource));
    return parse(h2load.run(duration.plusSeconds(20), arguments), duration);
  }

  static Sample parse(String output, Duration duration) {
    var done = DONE.matcher(output);
    if (!done.find() || !output.contains("Application protocol: h2")) {
      throw new BenchException("h2load spoke no HTTP/2 or made no request: " + output);
    }
    long succeeded = Long.parseLong(done.group(2));
    double failed = Double.parseDouble(done.group(3)) + Double.parseDouble(done.group(4));
    return new Sample(
        succeeded,
        0,
        Map.of(Metric.REQUESTS, succeeded / (duration.toMillis() / 1e3), Metric.ERRORS, failed));
  }
}
