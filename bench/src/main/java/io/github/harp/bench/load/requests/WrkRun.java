// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.Tool;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.regex.Pattern;

/** One run of wrk: closed-loop load over a fixed number of connections. */
public final class WrkRun implements Load {
  private static final int THREADS = 2;
  private static final Pattern LINE =
      Pattern.compile(
          "sample requests=(\\d+) micros=(\\d+) bytes=(\\d+) errors=(\\d+) p50=(\\d+) p99=(\\d+)"
              + " p999=(\\d+)");

  private final Tool wrk;
  private final String mode;
  private final int connections;
  private final String resource;
  private final boolean bulk;

  private WrkRun(Tool wrk, String mode, int connections, String resource, boolean bulk) {
    this.wrk = wrk;
    this.mode = mode;
    this.connections = connections;
    this.resource = resource;
    this.bulk = bulk;
  }

  /** Requests over connections that stay open. */
  public static WrkRun keepAlive(Tool wrk, int connections, String resource) {
    return new WrkRun(wrk, "keep-alive", connections, resource, false);
  }

  /** HTTP/1.0, one connection for each request. */
  public static WrkRun http10(Tool wrk, int connections, String resource) {
    return new WrkRun(wrk, "http10", connections, resource, false);
  }

  /** Requests to one ExApp of a crowd after the other, see {@link App#CROWD}. */
  public static WrkRun crowd(Tool wrk, int connections, String resource) {
    return new WrkRun(wrk, "crowd", connections, resource, false);
  }

  /** Large answers, of which the bytes count. */
  public static WrkRun bulk(Tool wrk, int connections, String resource) {
    return new WrkRun(wrk, "keep-alive", connections, resource, true);
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var script = script();
    try {
      return parse(wrk.run(duration.plusSeconds(20), arguments(script, target, duration)));
    } finally {
      script.toFile().delete();
    }
  }

  private List<String> arguments(Path script, Target target, Duration duration) {
    var arguments =
        new ArrayList<>(
            List.of(
                "-t" + THREADS,
                "-c" + connections,
                "-d" + duration.toSeconds() + "s",
                "--timeout",
                "10s",
                "-s",
                script.toString(),
                target.url(resource),
                "--",
                mode,
                target.path(resource)));
    target.headers().forEach((name, value) -> arguments.add(name + ": " + value));
    return arguments;
  }

  private Sample parse(String output) {
    var line = LINE.matcher(output);
    if (!line.find()) {
      throw new BenchException("wrk printed no sample line but: " + output);
    }
    long requests = Long.parseLong(line.group(1));
    double seconds = Long.parseLong(line.group(2)) / 1e6;
    long bytes = Long.parseLong(line.group(3));
    var values = new EnumMap<Metric, Double>(Metric.class);
    if (bulk) {
      values.put(Metric.THROUGHPUT, bytes / 1e6 / seconds);
    } else {
      values.put(Metric.REQUESTS, requests / seconds);
      values.put(Metric.P50, Double.parseDouble(line.group(5)));
      values.put(Metric.P99, Double.parseDouble(line.group(6)));
      values.put(Metric.P999, Double.parseDouble(line.group(7)));
    }
    values.put(Metric.ERRORS, Double.parseDouble(line.group(4)));
    return new Sample(requests, bulk ? bytes : 0, values);
  }

  private static Path script() {
    try (var in = WrkRun.class.getResourceAsStream("/wrk.lua")) {
      if (in == null) {
        throw new BenchException("wrk.lua is not in the harness's JAR; build it with bench/run");
      }
      var file = Files.createTempFile("harp-bench", ".lua");
      Files.write(file, in.readAllBytes());
      return file;
    } catch (IOException e) {
      throw new BenchException("wrk's script cannot be written", e);
    }
  }
}
