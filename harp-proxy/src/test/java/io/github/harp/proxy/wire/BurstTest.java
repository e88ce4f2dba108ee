// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BurstTest {

  private static final int CLIENTS = 2_000;

  @Test
  @DisplayName("S1: who comes in a burst gets in, busy as the event loops may be")
  void connectionsAreMadeMeanwhile() throws Exception {
    var vertx = Vertx.vertx();
    var busy = new CountDownLatch(1);
    var clients = new ArrayList<SocketChannel>();
    try (var proxy = TestProxy.start(TestProxy.options(), builder -> builder.vertx(vertx))) {
      for (EventExecutor loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
        loop.execute(() -> awaitEnd(busy));
      }
      for (int i = 0; i < CLIENTS; i++) {
        var client = SocketChannel.open();
        client.configureBlocking(false);
        client.connect(proxy.address());
        clients.add(client);
      }
      await().until(() -> areConnected(clients));
      busy.countDown();
    } finally {
      busy.countDown();
      for (var client : clients) {
        client.close();
      }
      assertThat(vertx.close().toCompletionStage().toCompletableFuture().get()).isNull();
    }
  }

  private static void awaitEnd(CountDownLatch busy) {
    try {
      busy.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean areConnected(List<SocketChannel> clients) throws IOException {
    for (var client : clients) {
      if (!client.isConnected() && !client.finishConnect()) {
        return false;
      }
    }
    return true;
  }
}
