// SPDX-License-Identifier: Apache-2.0
/** The yamux multiplexer: many streams over one connection, each a Netty channel of its own. */
@NullMarked
package io.github.harp.tunnel.yamux;

import org.jspecify.annotations.NullMarked;
