// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.dialin.CertificateCare;
import io.github.harp.dialin.ExAppTunnels;
import io.github.harp.docker.DockerRuntimes;
import io.netty.channel.EventLoopGroup;
import java.util.Optional;

/**
 * Where ExApps run.
 *
 * @param certificates brings renewed ones to them; empty where tunnels need no TLS
 */
record Containers(DockerRuntimes runtimes, Optional<CertificateCare> certificates) {

  /** On the engines of this host, and on those that have dialled in. */
  static Containers on(ExAppTunnels tunnels, EventLoopGroup loops, OrderObserver observer) {
    var runtimes = new DockerRuntimes(tunnels.engines(), loops, tunnels.files(), observer);
    return new Containers(runtimes, tunnels.certificateCare(runtimes));
  }
}
