// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalancedClientTest {

  private final List<String> gone = new ArrayList<>();
  private final BalancedClient.Unannounced connections = new BalancedClient.Unannounced(2);
  private final Runnable first = () -> gone.add("first");
  private final Runnable second = () -> gone.add("second");
  private final Runnable third = () -> gone.add("third");

  @Test
  void theOldestMakesRoom() {
    connections.admit(first);
    connections.admit(second);
    assertThat(gone).isEmpty();

    connections.admit(third);

    assertThat(gone).containsExactly("first");
    assertThat(connections.count()).isEqualTo(2);
  }

  @Test
  void whoHasLeftCountsNoLonger() {
    connections.admit(first);
    connections.admit(second);
    connections.leave(first);
    connections.leave(first);

    connections.admit(third);

    assertThat(gone).isEmpty();
    assertThat(connections.count()).isEqualTo(2);
  }
}
