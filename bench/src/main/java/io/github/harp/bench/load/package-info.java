// SPDX-License-Identifier: Apache-2.0

/** Ways to put load on a system, each ending in one {@link io.github.harp.bench.load.Sample}. */
@NullMarked
package io.github.harp.bench.load;

import org.jspecify.annotations.NullMarked;
