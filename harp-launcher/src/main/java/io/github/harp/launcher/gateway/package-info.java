// SPDX-License-Identifier: Apache-2.0
/** The libraries put together as a configuration wants it. */
@NullMarked
package io.github.harp.launcher.gateway;

import org.jspecify.annotations.NullMarked;
