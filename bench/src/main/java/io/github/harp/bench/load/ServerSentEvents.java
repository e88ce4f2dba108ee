// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.process.ParallelWork;
import io.github.harp.bench.target.HttpConnection;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * Open event streams; each event carries its time of sending, so that its delay is known to the
 * microsecond.
 */
public final class ServerSentEvents implements Load {
  private static final Pattern EVENT = Pattern.compile("data: (\\d+)");
  private static final int BUFFER_BYTES = 4096;

  private final int streams;

  /** With a number of streams that are open together. */
  public ServerSentEvents(int streams) {
    this.streams = streams;
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    var delays = new Histogram(3);
    ParallelWork.run(streams, duration.plusSeconds(20), i -> () -> listen(target, end))
        .forEach(delays::add);
    if (delays.getTotalCount() == 0) {
      throw new BenchException("no event came from port " + target.port());
    }
    return new Sample(
        delays.getTotalCount(),
        0,
        Map.of(
            Metric.EVENT_DELAY,
            (double) delays.getValueAtPercentile(50),
            Metric.P99,
            (double) delays.getValueAtPercentile(99),
            Metric.P999,
            (double) delays.getValueAtPercentile(99.9)));
  }

  private static Histogram listen(Target target, long end) throws Exception {
    var delays = new Histogram(3);
    try (var connection = new HttpConnection(target, BUFFER_BYTES)) {
      connection.open("events");
      while (System.nanoTime() < end) {
        var event = EVENT.matcher(connection.readLine());
        if (event.matches()) {
          long nanos = System.nanoTime() - Long.parseLong(event.group(1));
          delays.recordValue(Math.max(0, nanos / 1000));
        }
      }
    }
    return delays;
  }
}
