// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param warmUp of each side, before the first round
 * @param duration of one run
 * @param rounds runs of each side
 */
public record Plan(Duration warmUp, Duration duration, int rounds) {}
