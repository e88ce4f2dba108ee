// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.operations.observe.RefusedLogins;
import io.github.harp.tunnel.pki.CertificateReport;
import io.github.harp.tunnel.server.TunnelStatus;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the tunnels of a gateway let be seen.
 *
 * @param refusedLogins told by the tunnel server who was turned away
 * @param certificates empty when tunnels need no TLS
 */
public record TunnelView(
    Supplier<TunnelStatus> status,
    RefusedLogins refusedLogins,
    Optional<Supplier<CertificateReport>> certificates) {}
