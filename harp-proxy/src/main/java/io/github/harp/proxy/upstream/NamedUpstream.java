// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.time.Duration;

/**
 * A TCP host that is resolved whenever it is connected to.
 *
 * @param host a name, or an address without brackets
 */
record NamedUpstream(String host, int port, HostNames names, Duration connectTimeout)
    implements Upstream {

  @Override
  public Future<Channel> connect(EventLoop loop) {
    return names
        .resolve(host)
        .map(addresses -> TcpUpstream.named(host, addresses, port, connectTimeout, names))
        .compose(upstream -> upstream.connect(loop));
  }

  @Override
  public String toString() {
    return "tcp://" + IpAddresses.inUrl(host) + ":" + port;
  }
}
