// SPDX-License-Identifier: Apache-2.0

/** Tells clients how the outside sees them, so that nobody else has to be asked. */
@NullMarked
package io.github.harp.tunnel.stun;

import org.jspecify.annotations.NullMarked;
