// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.tunnel.client.TunnelNames;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The gateway's rule for names, for a tunnel client. */
public record HostsOfTunnels(HostNames names) implements TunnelNames {

  /** Asks on the client's event loop; what it holds goes with the loop. */
  public static TunnelNames on(EventLoop loop) {
    return new HostsOfTunnels(new DnsHostNames(loop));
  }

  @Override
  public CompletionStage<List<InetAddress>> addressesOf(String host) {
    return names.resolve(host).toCompletionStage();
  }

  @Override
  public void forget(String host) {
    names.forget(host);
  }
}
