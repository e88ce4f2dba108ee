// SPDX-License-Identifier: Apache-2.0

/** Processes of the systems under test: starting, stopping, and what they cost. */
@NullMarked
package io.github.harp.bench.process;

import org.jspecify.annotations.NullMarked;
