// SPDX-License-Identifier: Apache-2.0
/** What a tunnel client is told, and what it tells of itself. */
@NullMarked
package io.github.harp.tunnel.client;

import org.jspecify.annotations.NullMarked;
