// SPDX-License-Identifier: Apache-2.0
/** How much goes through the gateway, now and over the last day. */
@NullMarked
package io.github.harp.operations.traffic;

import org.jspecify.annotations.NullMarked;
