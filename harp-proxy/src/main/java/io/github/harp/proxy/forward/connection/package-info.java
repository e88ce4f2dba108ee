// SPDX-License-Identifier: Apache-2.0
/** Connections to upstreams: found, made, kept for the next request, and the answers they give. */
@NullMarked
package io.github.harp.proxy.forward.connection;

import org.jspecify.annotations.NullMarked;
