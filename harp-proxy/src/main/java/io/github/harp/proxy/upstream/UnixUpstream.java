// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A unix socket.
 *
 * @param path of the socket
 * @param connectTimeout how long the other end may take to accept
 */
record UnixUpstream(Path path, Duration connectTimeout) implements Upstream {

  @Override
  public Future<Channel> connect(EventLoop loop) {
    var transport = Transport.of(loop);
    return Dialer.dial(
        loop, transport.unixChannel(), transport.unixAddress(path), connectTimeout, toString());
  }

  @Override
  public String toString() {
    return "unix://" + path;
  }
}
