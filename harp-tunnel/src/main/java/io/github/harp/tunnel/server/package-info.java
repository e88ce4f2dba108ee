// SPDX-License-Identifier: Apache-2.0
/** What a tunnel server is told, what it asks its host, and what it tells it. */
@NullMarked
package io.github.harp.tunnel.server;

import org.jspecify.annotations.NullMarked;
