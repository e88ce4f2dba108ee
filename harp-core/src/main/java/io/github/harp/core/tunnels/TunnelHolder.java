// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import io.github.harp.core.key.Deployment;
import java.util.Optional;

/**
 * Who has opened a tunnel.
 *
 * @param deployment whose token was shown; empty for the shared key
 */
public record TunnelHolder(Optional<Deployment> deployment) {

  /** Whoever has the shared key. */
  public static final TunnelHolder OF_KEY = new TunnelHolder(Optional.empty());

  /**
   * Whether it may be given what is for this deployment, or, where that is empty, for an engine:
   * with a token nothing but what is for its own ExApp, with the key all.
   */
  public boolean mayServe(Optional<Deployment> asked) {
    return deployment.map(own -> asked.filter(own::mayBe).isPresent()).orElse(true);
  }
}
