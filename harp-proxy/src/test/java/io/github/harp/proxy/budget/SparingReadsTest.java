// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SparingReadsTest {

  private static final int LIMIT = 1_000_000;
  private static final int LARGE = 64 * 1024;

  private final ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
  private final ClientBudget budget = new ClientBudget(LIMIT, LIMIT);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private RecvByteBufAllocator.Handle reads = used();

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    assertThat(budget.buffers().used()).isZero();
  }

  /** Of a channel that has had much to read. */
  private RecvByteBufAllocator.Handle used() {
    SparingReads.install(channel, budget);
    reads = channel.config().getRecvByteBufAllocator().newHandle();
    while (reads.guess() < LARGE) {
      read(LARGE);
    }
    return reads;
  }

  /** What the read would have taken. */
  private int read(int bytes) {
    reads.reset(channel.config());
    var buffer = reads.allocate(allocator);
    int size = buffer.capacity();
    buffer.release();
    reads.attemptedBytesRead(size);
    reads.lastBytesRead(Math.min(bytes, size));
    reads.readComplete();
    return size;
  }

  @Test
  @DisplayName("S1: reads become small while memory is short")
  void sizes() {
    assertThat(read(LARGE)).isEqualTo(LARGE);
    budget.buffers().add(LIMIT / 2);
    assertThat(read(LARGE)).isEqualTo(16 * 1024);
    budget.buffers().add(LIMIT / 2);
    assertThat(read(LARGE)).isEqualTo(4 * 1024);
    budget.buffers().add(-LIMIT);
  }

  @Test
  @DisplayName("S1: what a large read takes counts while it is under way")
  void underWay() {
    reads.allocate(allocator).release();
    assertThat(budget.buffers().used()).isEqualTo(LARGE);
    reads.lastBytesRead(10);
    assertThat(budget.buffers().used()).isZero();
  }

  @Test
  @DisplayName("S1: a read that ends with its channel does not count for ever")
  void cancelled() {
    reads.allocate(allocator).release();
    channel.close();
    assertThat(budget.buffers().used()).isZero();
    reads.allocate(allocator).release();
    assertThat(budget.buffers().used()).isZero();
  }
}
