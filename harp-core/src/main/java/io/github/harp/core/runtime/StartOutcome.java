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
 * @param message what more there is to say; a cluster's only
 */
public record StartOutcome(
    boolean started,
    String status,
    @Nullable String health,
    @Nullable String reason,
    @Nullable String message) {

  /** One about which there is no more to say. */
  public StartOutcome(
      boolean started, String status, @Nullable String health, @Nullable String reason) {
    this(started, status, health, reason, null);
  }
}
