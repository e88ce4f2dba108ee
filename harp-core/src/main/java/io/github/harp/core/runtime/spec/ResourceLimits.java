// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.OptionalLong;

/**
 * What a container may use at most.
 *
 * @param memoryBytes bytes; empty or 0 for no limit
 * @param nanoCpus billionths of a CPU; empty or 0 for no limit
 */
public record ResourceLimits(OptionalLong memoryBytes, OptionalLong nanoCpus) {

  public static final ResourceLimits NONE =
      new ResourceLimits(OptionalLong.empty(), OptionalLong.empty());
}
