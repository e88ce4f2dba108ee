// SPDX-License-Identifier: Apache-2.0
/** Several nodes that act as one: what one learns, the others know. On Redis or Valkey. */
@NullMarked
package io.github.harp.cluster;

import org.jspecify.annotations.NullMarked;
