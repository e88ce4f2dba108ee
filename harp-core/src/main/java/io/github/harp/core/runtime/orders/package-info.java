// SPDX-License-Identifier: Apache-2.0
/**
 * AppAPI's orders on their way to whatever runs containers. {@link
 * io.github.harp.core.runtime.orders.OrderDesk} takes them, {@link
 * io.github.harp.core.runtime.orders.ExAppHost} carries them out.
 */
@NullMarked
package io.github.harp.core.runtime.orders;

import org.jspecify.annotations.NullMarked;
