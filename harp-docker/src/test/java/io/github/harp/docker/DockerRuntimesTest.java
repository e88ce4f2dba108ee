// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.ExAppRuntimesContract;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.testing.UndialledEngines;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No engine is connected to before there is an order for it. */
class DockerRuntimesTest extends ExAppRuntimesContract {

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final DockerRuntimes runtimes =
      new DockerRuntimes(
          UndialledEngines.numbered(24000), loops, List::of, order -> {}, OrderLocks.NONE);

  @AfterEach
  void close() {
    runtimes.close();
    loops.shutdownGracefully();
  }

  @Override
  protected ExAppRuntimes runtimes() {
    return runtimes;
  }

  @Test
  void afterTheEndThereAreNone() {
    runtimes.close();

    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> runtimes.at(Place.engine(EngineNumber.FIRST)))
        .extracting(HarpException::code)
        .isEqualTo(Code.UNAVAILABLE);
  }
}
