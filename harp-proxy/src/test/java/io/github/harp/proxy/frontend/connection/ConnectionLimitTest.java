// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.loop.FatalErrors;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {

  @Test
  @DisplayName("S14: a failed accept is a pause of a second, for nobody to write a stack trace of")
  void aFailedAcceptPausesTheListener() {
    var listener =
        new EmbeddedChannel(new ConnectionLimit(10, new FatalErrors(error -> {}), share -> {}));
    listener.freezeTime();

    listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));

    assertThat(listener.config().isAutoRead()).isFalse();
    listener.checkException();
    listener.advanceTimeBy(1, TimeUnit.SECONDS);
    listener.runScheduledPendingTasks();
    assertThat(listener.config().isAutoRead()).isTrue();
  }
}
