// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.client.TunnelNames;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The JVM's own names, looked up on threads that may block. It remembers them as it is set to. */
record JvmNames(BlockingWork blocking, EventLoop loop) implements TunnelNames {

  @Override
  public CompletionStage<List<InetAddress>> addressesOf(String host) {
    var addresses = new CompletableFuture<List<InetAddress>>();
    blocking
        .call(loop, () -> List.of(InetAddress.getAllByName(host)))
        .addListener(
            (Future<List<InetAddress>> lookup) -> {
              if (lookup.isSuccess()) {
                addresses.complete(lookup.getNow());
              } else {
                addresses.completeExceptionally(lookup.cause());
              }
            });
    return addresses;
  }

  @Override
  public void forget(String host) {}
}
