// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.report;

import java.util.List;

/**
 * Several measurements of one quantity.
 *
 * @param median the middle one
 * @param halfRange half of the distance between the smallest and the largest, as a part of the
 *     median
 */
record Spread(double median, double halfRange) {

  static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      return new Spread(Double.NaN, 0);
    }
    var sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    double range = sorted.get(sorted.size() - 1) - sorted.get(0);
    return new Spread(median, median == 0 ? 0 : range / 2 / Math.abs(median));
  }
}
