// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.budget.SparingReads;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final int USUAL = 2_048;
  private static final int LITTLE = 256;

  private final EmbeddedChannel channel = new EmbeddedChannel();

  private int nextRead() {
    return channel.config().getRecvByteBufAllocator().newHandle().guess();
  }

  private Pace pace(boolean isSlow) {
    SparingReads.install(channel, ClientBudget.ofThisProcess(), USUAL);
    return new Pace(channel, isSlow);
  }

  private static void read(Pace pace, int requests) {
    for (int i = 0; i < requests; i++) {
      pace.begun();
    }
    pace.readComplete();
  }

  @Test
  @DisplayName("S1: a connection that brings many requests in one read is read little at a time")
  void many() {
    var pace = pace(false);
    read(pace, 4);
    assertThat(nextRead()).isEqualTo(USUAL);
    read(pace, 5);
    assertThat(nextRead()).isEqualTo(LITTLE);
    read(pace, 1);
    assertThat(nextRead()).isEqualTo(USUAL);
  }

  @Test
  @DisplayName("S1: where it is not known what comes, a little is read first")
  void first() {
    var pace = pace(true);
    assertThat(nextRead()).isEqualTo(LITTLE);
    read(pace, 0);
    assertThat(nextRead()).isEqualTo(USUAL);
  }
}
