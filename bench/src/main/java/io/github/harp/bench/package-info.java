// SPDX-License-Identifier: Apache-2.0

/** Compares HaRP with what its users would run instead, on one machine in one run. */
@NullMarked
package io.github.harp.bench;

import org.jspecify.annotations.NullMarked;
