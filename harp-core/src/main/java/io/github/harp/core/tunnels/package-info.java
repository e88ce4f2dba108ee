// SPDX-License-Identifier: Apache-2.0
/** Which tunnels there are, where and whose, and whose there ever were. */
@NullMarked
package io.github.harp.core.tunnels;

import org.jspecify.annotations.NullMarked;
