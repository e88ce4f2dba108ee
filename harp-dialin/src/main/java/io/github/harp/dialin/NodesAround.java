// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.pki.NodeCertificates;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a {@link TunnelEntrance} and those of other nodes reach each other's tunnels. Whose these
 * are, and which nodes serve that one, its {@link Party} knows.
 *
 * @param nodes where each of them is reached
 * @param address where they reach this node
 * @param certificates what this node shows them
 * @param names finds the addresses at which they are
 */
public record NodesAround(
    Function<String, Optional<ListenAddress>> nodes,
    ListenAddress address,
    NodeCertificates certificates,
    HostNames names) {}
