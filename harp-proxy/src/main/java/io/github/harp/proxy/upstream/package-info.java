// SPDX-License-Identifier: Apache-2.0
/** Upstreams that are reached by TCP or a unix socket, and the resolution of their names. */
@NullMarked
package io.github.harp.proxy.upstream;

import org.jspecify.annotations.NullMarked;
