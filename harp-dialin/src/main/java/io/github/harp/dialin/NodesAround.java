// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.tunnels.Neighbours;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.pki.NodeCertificates;

/**
 * With whom a {@link TunnelEntrance} shares its tunnels: each node reaches those of all.
 *
 * @param address where they reach this node
 * @param certificates what this node shows them
 * @param names finds the addresses at which they are
 */
public record NodesAround(
    Neighbours neighbours, ListenAddress address, NodeCertificates certificates, HostNames names) {}
