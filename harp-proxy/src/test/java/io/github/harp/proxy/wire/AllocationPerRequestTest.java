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

  /** Measured: about 8,000 bytes; each stream is a channel. */
  private static final long MOST_BYTES_HTTP2 = 11_000;

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
        var proxy = proxy().with(exApp);
        var client = proxy.connect()) {
      long bytes =
          bytesPerRequest(
              () -> {
                client.send(REQUEST);
                assertThat(client.readResponse().status()).isEqualTo(200);
              });

      assertThat(bytes).isPositive().isLessThan(MOST_BYTES);
    }
  }

  @Test
  void aSmallRequestOverHttp2AllocatesLittle() throws Exception {
    try (var exApp = new ScriptedServer(ScriptedServer.answering(ANSWER));
        var proxy = proxy().with(exApp);
        var client = new Http2Client(proxy.address())) {
      long bytes =
          bytesPerRequest(
              () -> {
                var stream = client.open(Http2Client.get("/exapps/app/items?page=2"), true);
                assertThat(stream.headers().headers().status()).hasToString("200");
                stream.data(2);
              });

      assertThat(bytes).isPositive().isLessThan(MOST_BYTES_HTTP2);
    }
  }

  private TestProxy proxy() throws Exception {
    return TestProxy.start(
        TestProxy.options(),
        builder -> builder.observer(ended -> eventLoop.set(Thread.currentThread().getId())));
  }

  private long bytesPerRequest(Request request) throws Exception {
    repeat(WARM_UP, request);
    long before = threads.getThreadAllocatedBytes(eventLoop.get());
    repeat(ROUNDS, request);
    return (threads.getThreadAllocatedBytes(eventLoop.get()) - before) / ROUNDS;
  }

  private static void repeat(int times, Request request) throws Exception {
    for (int i = 0; i < times; i++) {
      request.send();
    }
  }

  /** Sends one and takes the answer. */
  @FunctionalInterface
  private interface Request {
    void send() throws Exception;
  }
}
