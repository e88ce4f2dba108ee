// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SmallPartsTest {

  private final SmallParts parts = new SmallParts();
  private final List<String> handedOn = new ArrayList<>();

  private void made(HttpContent content) {
    var made = new ArrayList<Object>(List.of(content));
    parts.join(made, ByteBufAllocator.DEFAULT);
    made.forEach(it -> handOn((HttpContent) it));
  }

  private void handOn(HttpContent content) {
    handedOn.add(content.content().toString(StandardCharsets.US_ASCII));
    content.release();
  }

  private static HttpContent part(String text) {
    return new DefaultHttpContent(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  @Test
  @DisplayName("S1: the small parts of a read become one, before what is large and before the end")
  void joined() {
    var large = "x".repeat(257);
    made(part("a"));
    made(part("b"));
    made(part("c"));
    made(part(large));
    made(part("d"));
    made(new DefaultLastHttpContent());
    assertThat(handedOn).containsExactly("abc", large, "d", "");
    assertThat(parts.take()).isNull();
  }

  @Test
  @DisplayName("S1: a single one stays as it is, until the end of the read")
  void single() {
    var only = part("a");
    made(only);
    assertThat(handedOn).isEmpty();
    assertThat(parts.take()).isSameAs(only);
    only.release();
  }

  @Test
  @DisplayName("S1: very many cost as much as requests do")
  void cost() {
    for (int i = 0; i < 640; i++) {
      made(part("a"));
    }
    assertThat(parts.asRequests()).isEqualTo(20);
    parts.begin();
    assertThat(parts.asRequests()).isZero();
    handOn(parts.take());
    assertThat(handedOn).containsExactly("a".repeat(640));
  }
}
