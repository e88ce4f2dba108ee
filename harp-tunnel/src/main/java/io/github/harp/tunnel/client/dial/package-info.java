// SPDX-License-Identifier: Apache-2.0

/** How the tunnel client connects: to its server, and to what its proxies lead to. */
@NullMarked
package io.github.harp.tunnel.client.dial;

import org.jspecify.annotations.NullMarked;
