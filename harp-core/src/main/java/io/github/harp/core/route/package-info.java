// SPDX-License-Identifier: Apache-2.0
/**
 * Which route of an ExApp's manifest a path falls under: Python patterns, matched in bounded time.
 */
@NullMarked
package io.github.harp.core.route;

import org.jspecify.annotations.NullMarked;
