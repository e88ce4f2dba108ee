// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.traffic;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts durations in steps of half an octave, from a tenth of a millisecond to two minutes: a
 * percentile read from it is off by a fifth at most. Thread-safe.
 */
final class Latencies {

  /** About 64 µs, the end of the first step. */
  private static final int FIRST_OCTAVE = 6;

  private static final int OCTAVES = 21;
  private static final int STEPS = 2 * OCTAVES;
  private static final double HALF_OCTAVE = Math.sqrt(2);

  private final LongAdder[] counts = new LongAdder[STEPS];

  Latencies() {
    Arrays.setAll(counts, step -> new LongAdder());
  }

  void add(long micros) {
    counts[step(micros)].increment();
  }

  private static int step(long micros) {
    int octave = 63 - Long.numberOfLeadingZeros(Math.max(micros, 1));
    boolean isUpperHalf = micros >= (1L << octave) * HALF_OCTAVE;
    int step = 2 * (octave - FIRST_OCTAVE) + (isUpperHalf ? 1 : 0);
    return Math.min(Math.max(step, 0), STEPS - 1);
  }

  /** As they are now, which only grow. */
  long[] counts() {
    return Arrays.stream(counts).mapToLong(LongAdder::sum).toArray();
  }

  /** Milliseconds that this share took at most; 0 of nothing. */
  static double percentile(long[] counts, double share) {
    long wanted = (long) Math.ceil(Arrays.stream(counts).sum() * share);
    long seen = 0;
    for (int step = 0; step < counts.length && wanted > 0; step++) {
      seen += counts[step];
      if (seen >= wanted) {
        double micros = Math.pow(2, FIRST_OCTAVE + (step + 0.5) / 2);
        return Math.round(micros) / 1_000.0;
      }
    }
    return 0;
  }
}
