// SPDX-License-Identifier: Apache-2.0
/** HaRP among the systems that are compared: as one JVM or another, with few tunnels or many. */
@NullMarked
package io.github.harp.bench.peers.harp;

import org.jspecify.annotations.NullMarked;
