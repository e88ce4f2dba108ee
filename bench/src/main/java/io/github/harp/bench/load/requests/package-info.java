// SPDX-License-Identifier: Apache-2.0
/** Small requests: as many as there can be, or at a steady rate for what they take. */
@NullMarked
package io.github.harp.bench.load.requests;

import org.jspecify.annotations.NullMarked;
