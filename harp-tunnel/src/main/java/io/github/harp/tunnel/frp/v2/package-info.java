// SPDX-License-Identifier: Apache-2.0

/** Wire protocol 2 of frp 0.69 and later: frames, negotiation and key schedule. */
@NullMarked
package io.github.harp.tunnel.frp.v2;

import org.jspecify.annotations.NullMarked;
