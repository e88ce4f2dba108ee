// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/**
 * A way to a peer that both have opened.
 *
 * @param socket gets the peer's datagrams and nobody else's
 */
record Hole(Channel socket, InetSocketAddress peer) {}
