// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import org.jspecify.annotations.Nullable;

/**
 * What became of an order to remove an image.
 *
 * @param deleted whether it is gone
 * @param bytesFreed bytes that went with it, 0 when only a tag did
 * @param reason {@code not_found} or {@code in_use}
 */
public record ImageRemoval(boolean deleted, long bytesFreed, @Nullable String reason) {}
