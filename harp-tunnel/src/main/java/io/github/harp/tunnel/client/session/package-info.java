// SPDX-License-Identifier: Apache-2.0

/**
 * The tunnel client: sessions with a server, the connections they carry, and what those are
 * connected to.
 */
@NullMarked
package io.github.harp.tunnel.client.session;

import org.jspecify.annotations.NullMarked;
