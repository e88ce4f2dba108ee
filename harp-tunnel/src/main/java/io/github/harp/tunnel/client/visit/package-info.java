// SPDX-License-Identifier: Apache-2.0
/** Visits services of other clients for users here, straight or through the server. */
@NullMarked
package io.github.harp.tunnel.client.visit;

import org.jspecify.annotations.NullMarked;
