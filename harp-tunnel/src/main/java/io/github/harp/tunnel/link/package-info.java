// SPDX-License-Identifier: Apache-2.0
/** Streams from one server to another: one connection for all of them, with TLS on both sides. */
@NullMarked
package io.github.harp.tunnel.link;

import org.jspecify.annotations.NullMarked;
