// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Engines that are known and that nobody can connect to. */
public final class UndialledEngines {

  private UndialledEngines() {}

  public static Engines numbered(int... numbers) {
    return Engines.of(
        IntStream.of(numbers)
            .mapToObj(EngineNumber::new)
            .collect(Collectors.toMap(number -> number, number -> named("engine " + number))));
  }

  /** One of them, under number 24000. */
  public static Engines first(String name) {
    return Engines.of(Map.of(EngineNumber.FIRST, named(name)));
  }

  private static Upstream named(String name) {
    return new Named(name);
  }

  private record Named(String name) implements Upstream {
    @Override
    public Future<Channel> connect(EventLoop loop) {
      return Future.failedFuture(
          new HarpException(HarpException.Code.UNREACHABLE, "not connected in this test"));
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
