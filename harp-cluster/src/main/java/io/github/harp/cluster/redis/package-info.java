// SPDX-License-Identifier: Apache-2.0
/** Connections to Redis or Valkey that are made again when they are lost. */
@NullMarked
package io.github.harp.cluster.redis;

import org.jspecify.annotations.NullMarked;
