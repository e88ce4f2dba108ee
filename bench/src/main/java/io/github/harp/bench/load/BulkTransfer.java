// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.process.ParallelWork;
import io.github.harp.bench.target.HttpConnection;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Target;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;

/**
 * Large bodies, down or up, over a few connections; the duration is asked for between two bodies.
 */
public final class BulkTransfer implements Load {
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final Duration LIMIT_FOR_ONE = Duration.ofSeconds(60);

  private final int connections;
  private final String resource;
  private final long uploadBytes;

  private BulkTransfer(int connections, String resource, long uploadBytes) {
    this.connections = connections;
    this.resource = resource;
    this.uploadBytes = uploadBytes;
  }

  /** Answers with a large body. */
  public static BulkTransfer down(int connections, String resource) {
    return new BulkTransfer(connections, resource, 0);
  }

  /** Requests with a large body. */
  public static BulkTransfer up(int connections, long bytes) {
    return new BulkTransfer(connections, "sink", bytes);
  }

  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    var counts =
        ParallelWork.run(
            connections, duration.plus(LIMIT_FOR_ONE), i -> () -> transfer(target, end));
    double seconds = (System.nanoTime() - start) / 1e9;
    long bytes = counts.stream().mapToLong(Count::bytes).sum();
    long bodies = counts.stream().mapToLong(Count::bodies).sum();
    return new Sample(bodies, bytes, Map.of(Metric.THROUGHPUT, bytes / 1e6 / seconds));
  }

  private Count transfer(Target target, long end) throws Exception {
    var content = ByteBuffer.allocateDirect(BUFFER_BYTES);
    long bytes = 0;
    long bodies = 0;
    try (var connection = new HttpConnection(target, BUFFER_BYTES)) {
      do {
        if (uploadBytes > 0) {
          connection.put(resource, uploadBytes, content);
          bytes += uploadBytes;
        } else {
          bytes += connection.get(resource);
        }
        bodies++;
      } while (System.nanoTime() < end);
    }
    return new Count(bytes, bodies);
  }

  private record Count(long bytes, long bodies) {}
}
