// SPDX-License-Identifier: Apache-2.0
/** Attacks on HaRP with little memory, and what others notice of them meanwhile. */
@NullMarked
package io.github.harp.bench.attack;

import org.jspecify.annotations.NullMarked;
