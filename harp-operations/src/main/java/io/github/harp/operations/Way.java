// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.ExApp;
import io.github.harp.core.tunnels.Tunnels;

/** How an ExApp is reached right now. */
public enum Way {
  /** At the host and port of its record. */
  DIRECT,

  /** Through a tunnel that is open. */
  TUNNEL,

  /** Through a tunnel that is not there. */
  TUNNEL_AWAY,

  /** Through a tunnel, but the one on its port was opened with the token of another deployment. */
  TUNNEL_OF_ANOTHER;

  /** How this ExApp is reached now. */
  public static Way of(Tunnels tunnels, ExApp exApp) {
    var deployment = tunnels.reachedAs(exApp);
    if (deployment.isEmpty()) {
      return DIRECT;
    }
    return tunnels
        .at(exApp.address().port())
        .holder()
        .map(by -> by.mayServe(deployment) ? TUNNEL : TUNNEL_OF_ANOTHER)
        .orElse(TUNNEL_AWAY);
  }
}
