// SPDX-License-Identifier: Apache-2.0
/** A client's connection that speaks HTTP/1. */
@NullMarked
package io.github.harp.proxy.frontend.http1;

import org.jspecify.annotations.NullMarked;
