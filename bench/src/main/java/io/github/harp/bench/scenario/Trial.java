// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import io.github.harp.bench.load.Sample;
import java.time.Duration;

/** One side of a comparison, ready to be measured again and again. */
public interface Trial {

  /** Brings the system to its steady state; what it measures is thrown away. */
  void warmUp(Duration duration);

  /** One short run. */
  Sample run(Duration duration);
}
