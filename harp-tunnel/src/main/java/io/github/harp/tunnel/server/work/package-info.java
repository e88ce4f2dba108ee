// SPDX-License-Identifier: Apache-2.0
/** Work connections: the streams that clients open for users, kept ready and counted. */
@NullMarked
package io.github.harp.tunnel.server.work;

import org.jspecify.annotations.NullMarked;
