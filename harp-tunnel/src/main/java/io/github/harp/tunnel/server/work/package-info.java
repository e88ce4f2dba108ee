// SPDX-License-Identifier: Apache-2.0
/** Streams that a client opens for users to come, and what they have carried. */
@NullMarked
package io.github.harp.tunnel.server.work;

import org.jspecify.annotations.NullMarked;
