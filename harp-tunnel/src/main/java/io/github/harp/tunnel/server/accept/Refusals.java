// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import java.net.InetSocketAddress;

/** Hears why a connection or a login was turned away. */
@FunctionalInterface
public interface Refusals {
  void refused(InetSocketAddress address, String reason);
}
