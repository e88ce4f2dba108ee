// SPDX-License-Identifier: Apache-2.0
/** Calls to container engines that AppAPI makes itself: which engine, and which calls. */
@NullMarked
package io.github.harp.proxy.engine;

import org.jspecify.annotations.NullMarked;
