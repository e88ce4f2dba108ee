// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import org.jspecify.annotations.Nullable;

/**
 * How a start ended, in AppAPI's terms.
 *
 * @param started whether it runs (an unhealthy one does)
 * @param status the engine's word for its state, {@code not_found} without a container
 * @param health the health check's last word; null without a health check
 * @param reason why it did not start, or did so doubtfully
 */
public record StartOutcome(
    boolean started, String status, @Nullable String health, @Nullable String reason) {}
