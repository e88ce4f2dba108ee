// SPDX-License-Identifier: Apache-2.0
/** What a gateway has in common with others, if there are any. */
@NullMarked
package io.github.harp.launcher.nodes;

import org.jspecify.annotations.NullMarked;
