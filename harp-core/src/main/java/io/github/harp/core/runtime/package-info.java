// SPDX-License-Identifier: Apache-2.0
/** Where ExApps run, and the orders that AppAPI gives about them. */
@NullMarked
package io.github.harp.core.runtime;

import org.jspecify.annotations.NullMarked;
