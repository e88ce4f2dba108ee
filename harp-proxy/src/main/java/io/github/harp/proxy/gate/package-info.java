// SPDX-License-Identifier: Apache-2.0
/** From a request to what is to happen with it: asks the gatekeeper and does what it decided. */
@NullMarked
package io.github.harp.proxy.gate;

import org.jspecify.annotations.NullMarked;
