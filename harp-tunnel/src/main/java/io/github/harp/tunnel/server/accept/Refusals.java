// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.RefusalCode;
import java.net.InetSocketAddress;

/** Hears why a connection, a login or a proxy was turned away. */
@FunctionalInterface
public interface Refusals {
  void refused(InetSocketAddress address, RefusalCode code, String reason);
}
