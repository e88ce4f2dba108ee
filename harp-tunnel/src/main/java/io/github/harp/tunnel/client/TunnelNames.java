// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.TunnelClient;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Finds the hosts that a {@link TunnelClient} connects to. Must not block. */
public interface TunnelNames {

  /**
   * The addresses of a name, in the order to try them in; the first eight count. May complete on
   * any thread, and fails when there is none.
   */
  CompletionStage<List<InetAddress>> addressesOf(String host);

  /** A connection to one of them failed: the name should be looked up again. */
  void forget(String host);
}
