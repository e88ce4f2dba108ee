// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

/** How an ExApp is reached right now. */
public enum Way {
  /** At the host and port of its record. */
  DIRECT,

  /** Through a tunnel that is open. */
  TUNNEL,

  /** Through a tunnel that is not there. */
  TUNNEL_AWAY,

  /** Through a tunnel, but the one on its port was opened with the token of another deployment. */
  TUNNEL_OF_ANOTHER
}
