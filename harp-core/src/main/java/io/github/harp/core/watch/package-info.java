// SPDX-License-Identifier: Apache-2.0
/** How those who know something tell those who want to hear when it changes. */
@NullMarked
package io.github.harp.core.watch;

import org.jspecify.annotations.NullMarked;
