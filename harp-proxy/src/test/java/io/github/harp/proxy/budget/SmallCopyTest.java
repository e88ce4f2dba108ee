// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SmallCopyTest {

  private final ByteBuf read = ByteBufAllocator.DEFAULT.directBuffer(64 * 1024).writeZero(60_000);

  private HttpContent of(int bytes) {
    var content = new DefaultLastHttpContent(read.readRetainedSlice(bytes));
    content.trailingHeaders().set("x", "y");
    return SmallCopy.of(content, ByteBufAllocator.DEFAULT);
  }

  @Test
  @DisplayName("S1: two bytes do not keep the buffer of a whole read")
  void small() {
    var copy = of(2);
    assertThat(read.refCnt()).isOne();
    assertThat(copy.content().readableBytes()).isEqualTo(2);
    assertThat(((DefaultLastHttpContent) copy).trailingHeaders().get("x")).isEqualTo("y");
    assertThat(copy.release() && read.release()).isTrue();
  }

  @Test
  @DisplayName("S1: most of a buffer is not copied")
  void large() {
    var same = of(50_000);
    assertThat(read.refCnt()).isEqualTo(2);
    same.release();
    assertThat(read.release()).isTrue();
  }
}
