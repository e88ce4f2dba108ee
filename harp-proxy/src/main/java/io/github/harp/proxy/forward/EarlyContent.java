// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Content of a request that has no connection yet: at most what one read brought. Owns it. */
final class EarlyContent {

  private @Nullable ArrayDeque<HttpContent> parts;

  void add(HttpContent part) {
    if (parts == null) {
      parts = new ArrayDeque<>(2);
    }
    parts.add(part);
  }

  long bytes() {
    long bytes = 0;
    if (parts != null) {
      for (var part : parts) {
        bytes += part.content().readableBytes();
      }
    }
    return bytes;
  }

  /** Hands over what there is, with its ownership. */
  void passOnTo(Consumer<HttpContent> next) {
    var waiting = parts;
    parts = null;
    if (waiting != null) {
      waiting.forEach(next);
    }
  }

  void release() {
    passOnTo(ReferenceCountUtil::release);
  }
}
