// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;

/** An upstream that nobody connects to. */
public record NamedUpstream(String name) implements Upstream {

  @Override
  public Future<Channel> connect(EventLoop loop) {
    throw new AssertionError("connected to " + name);
  }

  @Override
  public String toString() {
    return name;
  }
}
