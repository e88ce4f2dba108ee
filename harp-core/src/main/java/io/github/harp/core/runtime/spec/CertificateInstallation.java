// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.Optional;

/**
 * Which certificates a container gets.
 *
 * @param systemBundle PEM certificates that its system is to trust
 * @param tunnelFiles whether it gets {@code /certs/frp}
 */
public record CertificateInstallation(Optional<String> systemBundle, boolean tunnelFiles) {}
