// SPDX-License-Identifier: Apache-2.0
/**
 * How two clients meet whose bytes are not to pass the server: where each is seen, what the server
 * says of the other, and the datagrams that open the way.
 */
@NullMarked
package io.github.harp.tunnel.client.straight;

import org.jspecify.annotations.NullMarked;
