// SPDX-License-Identifier: Apache-2.0
/** The shared key, and the tokens that are derived from it. */
@NullMarked
package io.github.harp.core.key;

import org.jspecify.annotations.NullMarked;
