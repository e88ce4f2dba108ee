// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.process.ParallelWork;
import io.github.harp.bench.target.HttpConnection;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import org.HdrHistogram.Histogram;

/**
 * Small WebSocket messages that come back: one at a time for the round trip, or a batch on the way
 * for the rate.
 */
public final class WebSocketEcho implements Load {
  private static final int PAYLOAD_BYTES = 64;
  private static final int ANSWER_BYTES = 2 + PAYLOAD_BYTES;
  private static final int BUFFER_BYTES = 16 * 1024;

  private final int connections;
  private final int batch;

  private WebSocketEcho(int connections, int batch) {
    this.connections = connections;
    this.batch = batch;
  }

  /** One connection, one message at a time. */
  public static WebSocketEcho roundTrip() {
    return new WebSocketEcho(1, 1);
  }

  /** Several connections with several messages on the way. */
  public static WebSocketEcho rate(int connections, int batch) {
    return new WebSocketEcho(connections, batch);
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    var times = new Histogram(3);
    ParallelWork.run(connections, duration.plusSeconds(20), i -> () -> exchange(target, end))
        .forEach(times::add);
    double seconds = (System.nanoTime() - start) / 1e9;
    long messages = times.getTotalCount() * batch;
    var values = new EnumMap<Metric, Double>(Metric.class);
    values.put(Metric.MESSAGES, messages / seconds);
    if (batch == 1) {
      values.put(Metric.P50, times.getValueAtPercentile(50) / 1e3);
      values.put(Metric.P99, times.getValueAtPercentile(99) / 1e3);
    }
    return new Sample(messages, 0, values);
  }

  private Histogram exchange(Target target, long end) throws Exception {
    var times = new Histogram(3);
    var messages = maskedFrames(batch);
    try (var connection = new HttpConnection(target, BUFFER_BYTES)) {
      connection.upgrade("echo");
      while (true) {
        long sent = System.nanoTime();
        if (sent >= end) {
          return times;
        }
        connection.write(messages.clear());
        connection.skip((long) ANSWER_BYTES * batch);
        times.recordValue(System.nanoTime() - sent);
      }
    }
  }

  /** Binary frames of RFC 6455 with a mask of zeros, which leaves the payload as it is. */
  private static ByteBuffer maskedFrames(int count) {
    var frames = ByteBuffer.allocateDirect((2 + 4 + PAYLOAD_BYTES) * count);
    for (int i = 0; i < count; i++) {
      frames
          .put((byte) 0x82)
          .put((byte) (0x80 | PAYLOAD_BYTES))
          .putInt(0)
          .put(new byte[PAYLOAD_BYTES]);
    }
    return frames;
  }
}
