// SPDX-License-Identifier: Apache-2.0
/**
 * The client's side: listeners, TLS, HTTP/1.1 and HTTP/2 turned into the same stream of HTTP
 * objects, and the checks that a request passes before anything is decided about it.
 */
@NullMarked
package io.github.harp.proxy.frontend;

import org.jspecify.annotations.NullMarked;
