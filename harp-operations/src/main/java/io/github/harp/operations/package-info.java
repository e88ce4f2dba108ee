// SPDX-License-Identifier: Apache-2.0
/**
 * What those who look after a gateway see of it. Whoever embeds {@link
 * io.github.harp.proxy.HarpProxy} shows it as a {@link io.github.harp.operations.GatewayView}; the
 * rest reads that.
 */
@NullMarked
package io.github.harp.operations;

import org.jspecify.annotations.NullMarked;
