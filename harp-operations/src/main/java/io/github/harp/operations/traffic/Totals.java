// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

/**
 * What was counted up to some moment, or between two.
 *
 * @param errors answers of 500 and more
 * @param latencies how many took how long until their answer began
 */
record Totals(long requests, long errors, long bytesIn, long bytesOut, long[] latencies) {

  Totals since(Totals before) {
    var between = new long[latencies.length];
    for (int i = 0; i < between.length; i++) {
      between[i] = latencies[i] - before.latencies[i];
    }
    return new Totals(
        requests - before.requests,
        errors - before.errors,
        bytesIn - before.bytesIn,
        bytesOut - before.bytesOut,
        between);
  }

  /** What is shown of it: rates in a second, as long as {@code seconds}. */
  TrafficSample over(long at, double seconds) {
    return new TrafficSample(
        at,
        rounded(requests / seconds),
        rounded(errors / seconds),
        Math.round(bytesIn / seconds),
        Math.round(bytesOut / seconds),
        Latencies.percentile(latencies, 0.5),
        Latencies.percentile(latencies, 0.99));
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
