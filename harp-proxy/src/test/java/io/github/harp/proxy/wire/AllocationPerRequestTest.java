// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Guards the hot path without a clock: what a small request costs the event loop on heap, from the
 * client's bytes through the decision to the upstream and back.
 */
class AllocationPerRequestTest {

  private static final int WARM_UP = 3_000;
  private static final int ROUNDS = 2_000;

  /** Measured: about 4,100 bytes, with seven headers in and out. */
  private static final long MOST_BYTES = 6_000;

  private static final String REQUEST =
      "GET /exapps/app/items?page=2 HTTP/1.1\r\nHost: cloud.example.com\r\n"
          + "User-Agent: test\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n";
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final AtomicLong eventLoop = new AtomicLong();

  @Test
  void aSmallRequestAllocatesLittle() throws Exception {
    try (var exApp = new ScriptedServer(ScriptedServer.answering(ANSWER));
        var proxy =
            TestProxy.start(
                    TestProxy.options(),
                    builder ->
                        builder.observer(ended -> eventLoop.set(Thread.currentThread().getId())))
                .with(exApp);
        var client = proxy.connect()) {
      repeat(WARM_UP, client);
      long before = threads.getThreadAllocatedBytes(eventLoop.get());
      repeat(ROUNDS, client);
      long bytes = (threads.getThreadAllocatedBytes(eventLoop.get()) - before) / ROUNDS;

      assertThat(bytes).isPositive().isLessThan(MOST_BYTES);
    }
  }

  private static void repeat(int times, RawConnection client) throws Exception {
    for (int i = 0; i < times; i++) {
      client.send(REQUEST);
      assertThat(client.readResponse().status()).isEqualTo(200);
    }
  }
}
