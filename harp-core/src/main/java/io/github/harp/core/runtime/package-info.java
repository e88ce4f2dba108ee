// SPDX-License-Identifier: Apache-2.0
/**
 * The orders that AppAPI gives about containers, and their outcomes, independent of the engine that
 * runs them.
 */
@NullMarked
package io.github.harp.core.runtime;

import org.jspecify.annotations.NullMarked;
