// SPDX-License-Identifier: Apache-2.0
/** All clients of a server; the first message of a stream says what it is. */
@NullMarked
package io.github.harp.tunnel.server;

import org.jspecify.annotations.NullMarked;
