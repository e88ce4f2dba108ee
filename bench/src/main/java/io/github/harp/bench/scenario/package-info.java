// SPDX-License-Identifier: Apache-2.0

/** What is compared with what, and the interleaved procedure that does it. */
@NullMarked
package io.github.harp.bench.scenario;

import org.jspecify.annotations.NullMarked;
