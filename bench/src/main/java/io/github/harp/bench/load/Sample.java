// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The outcome of one short run.
 *
 * @param operations finished ones, over which the cost is divided
 * @param payloadBytes when not zero the cost is divided by these instead
 * @param values what was measured
 */
public record Sample(long operations, long payloadBytes, Map<Metric, Double> values) {
  /** With a copy of the values. */
  public Sample {
    values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** The same with one more value. */
  public Sample with(Metric metric, double value) {
    var more = new EnumMap<Metric, Double>(metric.getDeclaringClass());
    more.putAll(values);
    more.put(metric, value);
    return new Sample(operations, payloadBytes, more);
  }
}
