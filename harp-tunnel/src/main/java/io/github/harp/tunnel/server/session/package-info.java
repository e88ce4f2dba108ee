// SPDX-License-Identifier: Apache-2.0
/**
 * The clients of a server: how they log in and open proxies, and how users reach what is behind
 * them. The first message of a stream says what it is.
 */
@NullMarked
package io.github.harp.tunnel.server.session;

import org.jspecify.annotations.NullMarked;
