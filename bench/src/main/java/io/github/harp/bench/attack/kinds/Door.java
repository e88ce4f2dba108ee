// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import java.nio.file.Path;

/** Where attackers connect to. */
public enum Door {
  /** The front door's port, in clear. */
  FRONT(false, false),
  /** The front door's port for TLS, without a handshake. */
  FRONT_TLS(false, false),
  /** The same with one. */
  FRONT_HTTPS(true, false),
  /** The same, in which HTTP/2 is agreed upon. */
  FRONT_HTTP2_TLS(true, false),
  /** The tunnels' port without a handshake. */
  TUNNEL(false, true),
  /** The same with a handshake, in which a valid certificate is shown. */
  TUNNEL_TLS(true, true);

  private final boolean handshakes;
  private final boolean isOfTunnels;

  Door(boolean handshakes, boolean isOfTunnels) {
    this.handshakes = handshakes;
    this.isOfTunnels = isOfTunnels;
  }

  boolean handshakes() {
    return handshakes;
  }

  boolean isOfTunnels() {
    return isOfTunnels;
  }

  boolean asksForHttp2() {
    return this == FRONT_HTTP2_TLS;
  }

  int port(Doors doors) {
    if (isOfTunnels) {
      return doors.tunnels;
    }
    return this == FRONT ? doors.front : doors.https;
  }

  /**
   * Where they are.
   *
   * @param hostile where the hostile ExApp has to listen
   * @param certificates of clients of the tunnels
   */
  public record Doors(int front, int https, int tunnels, int hostile, Path certificates) {}
}
