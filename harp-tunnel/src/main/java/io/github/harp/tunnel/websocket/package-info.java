// SPDX-License-Identifier: Apache-2.0

/** WebSocket (RFC 6455) as frp uses it: a pipe of bytes behind a request that web servers pass. */
@NullMarked
package io.github.harp.tunnel.websocket;

import org.jspecify.annotations.NullMarked;
