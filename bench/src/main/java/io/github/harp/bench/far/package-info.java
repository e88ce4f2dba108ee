// SPDX-License-Identifier: Apache-2.0

/** Comparisons in {@code interop/wan}: hosts with long lines between them, and routers. */
@NullMarked
package io.github.harp.bench.far;

import org.jspecify.annotations.NullMarked;
