// SPDX-License-Identifier: Apache-2.0

/** How what has dialled in is reached: through tunnels of this node, and of others. */
@NullMarked
package io.github.harp.dialin.way;

import org.jspecify.annotations.NullMarked;
