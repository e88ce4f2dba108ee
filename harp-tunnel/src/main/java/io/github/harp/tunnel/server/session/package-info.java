// SPDX-License-Identifier: Apache-2.0
/** Clients that are logged in: their proxies, the tables of names and ports, what they share. */
@NullMarked
package io.github.harp.tunnel.server.session;

import org.jspecify.annotations.NullMarked;
