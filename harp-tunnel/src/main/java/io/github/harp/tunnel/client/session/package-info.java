// SPDX-License-Identifier: Apache-2.0

/** The tunnel client: sessions with a server, and the connections they carry. */
@NullMarked
package io.github.harp.tunnel.client.session;

import org.jspecify.annotations.NullMarked;
