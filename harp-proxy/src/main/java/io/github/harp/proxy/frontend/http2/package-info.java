// SPDX-License-Identifier: Apache-2.0
/** A client's connection that speaks HTTP/2, and its streams. */
@NullMarked
package io.github.harp.proxy.frontend.http2;

import org.jspecify.annotations.NullMarked;
