// SPDX-License-Identifier: Apache-2.0

/** The systems that are compared, each started on loopback from a generated configuration. */
@NullMarked
package io.github.harp.bench.peers;

import org.jspecify.annotations.NullMarked;
