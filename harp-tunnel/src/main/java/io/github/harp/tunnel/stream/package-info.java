// SPDX-License-Identifier: Apache-2.0
/**
 * Channels without a socket, byte streams that live inside another connection or between two event
 * loops, and what joins two channels.
 */
@NullMarked
package io.github.harp.tunnel.stream;

import org.jspecify.annotations.NullMarked;
