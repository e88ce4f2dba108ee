// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import io.github.harp.core.EngineNumber;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.util.Map;

class FixedEnginesTest extends EnginesContract {

  private record Nowhere(String name) implements Upstream {
    @Override
    public Future<Channel> connect(EventLoop loop) {
      return Future.failedFuture(name);
    }
  }

  @Override
  protected Engines engines() {
    return Engines.of(
        Map.of(
            new EngineNumber(24007), new Nowhere("far"), EngineNumber.FIRST, new Nowhere("here")));
  }
}
