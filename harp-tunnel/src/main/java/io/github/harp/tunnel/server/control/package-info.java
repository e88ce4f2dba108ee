// SPDX-License-Identifier: Apache-2.0
/** The control connection of a client: its login, its heartbeat, the proxies that it opens. */
@NullMarked
package io.github.harp.tunnel.server.control;

import org.jspecify.annotations.NullMarked;
