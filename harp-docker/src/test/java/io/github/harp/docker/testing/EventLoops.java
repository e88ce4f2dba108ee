// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Event loops for the tests of one class: {@code @RegisterExtension static final}. */
public final class EventLoops implements BeforeAllCallback, AfterAllCallback {

  private @Nullable EventLoopGroup group;

  @Override
  public void beforeAll(ExtensionContext context) {
    group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  }

  public EventLoopGroup group() {
    return Objects.requireNonNull(group, "before all tests");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    group().shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
