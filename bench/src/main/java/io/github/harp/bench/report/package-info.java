// SPDX-License-Identifier: Apache-2.0

/** Medians, spreads and ratios as Markdown. */
@NullMarked
package io.github.harp.bench.report;

import org.jspecify.annotations.NullMarked;
