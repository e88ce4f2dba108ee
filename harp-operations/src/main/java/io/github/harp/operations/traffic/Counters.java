// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

import io.github.harp.proxy.RequestRecord;
import java.util.concurrent.atomic.LongAdder;

/** Adds up finished requests, for as long as the process runs. Thread-safe. */
final class Counters {

  private final LongAdder requests = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final Latencies latencies = new Latencies();

  void add(RequestRecord request) {
    requests.increment();
    if (request.status() >= 500) {
      errors.increment();
    }
    bytesIn.add(request.bytesIn());
    bytesOut.add(request.bytesOut());
    var firstByte = request.firstByte();
    if (firstByte != null) {
      latencies.add(firstByte.toNanos() / 1_000);
    }
  }

  Totals now() {
    return new Totals(
        requests.sum(), errors.sum(), bytesIn.sum(), bytesOut.sum(), latencies.counts());
  }
}
