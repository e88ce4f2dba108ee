// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignsOfLifeTest {

  /** Netty ends a connection on which such a datagram is written, and frp's peers take none. */
  @Test
  void nothingIsSentToAPeerThatHasNotSaidThatItTakesDatagrams() {
    var connection = new EmbeddedChannel(new SignsOfLife(() -> {}));

    connection.advanceTimeBy(1, TimeUnit.MINUTES);
    connection.runScheduledPendingTasks();

    assertThat(connection.<Object>readOutbound()).isNull();
    assertThat(connection.isActive()).isTrue();
  }
}
