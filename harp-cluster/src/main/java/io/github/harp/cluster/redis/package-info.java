// SPDX-License-Identifier: Apache-2.0
/**
 * Redis or Valkey, which may go away and is not trusted: connections that are made again, and what
 * is to stand there, sealed.
 */
@NullMarked
package io.github.harp.cluster.redis;

import org.jspecify.annotations.NullMarked;
