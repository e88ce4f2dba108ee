// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.process.CpuTime;
import io.github.harp.bench.scenario.Trial;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Traffic over a way that is made before the first run, with what it cost. */
final class FarTrial implements Trial {

  /** What traffic passes. */
  interface Load {
    /** What the lab's traffic found, by its names. */
    Map<String, Double> run(FarLab lab, Way way, Duration duration);
  }

  private final FarPlace place;
  private final Function<FarSystems, Way> making;
  private final Load load;
  private @Nullable Way way;

  FarTrial(FarPlace place, Function<FarSystems, Way> making, Load load) {
    this.place = place;
    this.making = making;
    this.load = load;
  }

  static Load download(long bytes) {
    return (lab, way, duration) -> lab.traffic(way.from(), "get", way.url() + "/bytes/" + bytes);
  }

  static Load upload(long bytes) {
    return (lab, way, duration) ->
        lab.traffic(way.from(), "put", way.url() + "/upload", String.valueOf(bytes));
  }

  static Load smallBeside(long bytes) {
    return (lab, way, duration) ->
        lab.traffic(
            way.from(),
            "small",
            way.url() + "/small",
            way.url() + "/bytes/" + bytes,
            String.valueOf(duration.toSeconds()));
  }

  @Override
  public void warmUp(Duration duration) {
    way = making.apply(place.systems());
    var end = System.nanoTime() + duration.toNanos();
    do {
      run(Duration.ofSeconds(2));
    } while (System.nanoTime() < end);
  }

  @Override
  public Sample run(Duration duration) {
    var measured = way;
    if (measured == null) {
      throw new BenchException("a far way is used before it is made");
    }
    var lab = place.lab();
    double cpu = cpu(measured);
    long sent = lab.sentBytes(Host.SERVER);
    var found = load.run(lab, measured, duration);
    double bytes = found.getOrDefault("bytes", 0.0);
    double seconds = found.getOrDefault("seconds", 0.0);
    var values = new HashMap<Metric, Double>();
    values.put(Metric.LINE_RATE, bytes * 8 / 1e6 / seconds);
    values.put(Metric.CPU_PER_GIGABYTE, (cpu(measured) - cpu) / (bytes / 1e9));
    values.put(Metric.EGRESS, 100 * (lab.sentBytes(Host.SERVER) - sent) / bytes);
    if (found.containsKey("p99")) {
      values.put(Metric.FAR_P50, found.getOrDefault("p50", 0.0) * 1000);
      values.put(Metric.FAR_P99, found.getOrDefault("p99", 0.0) * 1000);
    } else {
      values.put(Metric.DURATION, seconds);
    }
    return new Sample(1, (long) bytes, values);
  }

  private static double cpu(Way way) {
    return CpuTime.of(way.costs().stream().flatMap(program -> program.pids())).own();
  }
}
