// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import io.github.harp.core.HarpException;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Where an ExApp or an engine listens: something that gives connected channels.
 *
 * <p>A value: equal upstreams reach the same place, so connections are pooled by it. Thread-safe.
 */
public interface Upstream {

  /**
   * A new connection, registered on {@code loop}, with autoRead off and a pipeline that is empty,
   * but for what ends it when it fails before there is anything else in it. Fails with a {@link
   * HarpException} ({@code UNREACHABLE}, {@code TIMED_OUT}). Whoever asked owns the channel; when
   * nobody takes it any more the implementation closes it.
   */
  Future<Channel> connect(EventLoop loop);

  /**
   * Who has tried to connect for so long in vain does not try again; where that is not said, the
   * number of tries alone counts. One that waits itself need not be waited for several times.
   */
  default Duration patience() {
    return ChronoUnit.FOREVER.getDuration();
  }

  /** Whether it still is the place: to one that is not no connection is kept. */
  default boolean isCurrent() {
    return true;
  }

  /**
   * For logs: {@code tcp://10.0.0.7:23000}, {@code tunnel:23000}, {@code
   * unix:///var/run/docker.sock}.
   */
  @Override
  String toString();
}
