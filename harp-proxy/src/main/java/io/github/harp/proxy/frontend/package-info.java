// SPDX-License-Identifier: Apache-2.0
/**
 * The client's side: listeners, TLS, and which protocol a connection speaks. HTTP/1.1 and HTTP/2
 * become the same exchanges.
 */
@NullMarked
package io.github.harp.proxy.frontend;

import org.jspecify.annotations.NullMarked;
