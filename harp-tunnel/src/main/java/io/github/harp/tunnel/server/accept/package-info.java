// SPDX-License-Identifier: Apache-2.0
/** From an accepted TCP connection to its streams: limits, TLS, multiplexing. */
@NullMarked
package io.github.harp.tunnel.server.accept;

import org.jspecify.annotations.NullMarked;
