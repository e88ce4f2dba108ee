// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.dial;

import io.github.harp.tunnel.client.TunnelNames;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The JVM's own names, looked up on threads that may block. It remembers them as it is set to. */
public record JvmNames(BlockingWork blocking) implements TunnelNames {

  @Override
  public CompletionStage<List<InetAddress>> addressesOf(String host) {
    return blocking.call(() -> List.of(InetAddress.getAllByName(host)));
  }

  @Override
  public void forget(String host) {}
}
