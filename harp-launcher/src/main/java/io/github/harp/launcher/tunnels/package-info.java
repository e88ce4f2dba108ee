// SPDX-License-Identifier: Apache-2.0
/**
 * Between the tunnel, which knows nothing of ExApps, and the gateway, which knows nothing of frp:
 * who may open what, and how what is open is reached.
 */
@NullMarked
package io.github.harp.launcher.tunnels;

import org.jspecify.annotations.NullMarked;
