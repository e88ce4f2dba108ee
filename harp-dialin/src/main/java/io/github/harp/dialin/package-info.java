// SPDX-License-Identifier: Apache-2.0
/**
 * ExApps and engines that dial in: between the tunnel, which knows nothing of ExApps, and the
 * gateway, which knows nothing of frp.
 */
@NullMarked
package io.github.harp.dialin;

import org.jspecify.annotations.NullMarked;
