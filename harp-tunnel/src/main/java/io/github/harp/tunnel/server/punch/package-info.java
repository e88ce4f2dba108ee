// SPDX-License-Identifier: Apache-2.0
/**
 * Introduces the two peers of an xtcp proxy: what their NATs are like, how they are to go about it,
 * and what has worked before. Their bytes do not pass here.
 */
@NullMarked
package io.github.harp.tunnel.server.punch;

import org.jspecify.annotations.NullMarked;
