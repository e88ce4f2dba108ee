// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What attackers did and what they got, to tell an attack from one that fizzles out. */
public final class Tally {
  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
  private static final int STATUS_AT = 9;

  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLongArray answers = new AtomicLongArray(10);

  /** Connections that were made so far. */
  public long connections() {
    return opened.get();
  }

  void opened() {
    opened.incrementAndGet();
  }

  void sent(int bytes) {
    sent.addAndGet(bytes);
  }

  /** Counts an answer as well where bytes begin with one. */
  void received(ByteBuf bytes) {
    received.addAndGet(bytes.readableBytes());
    if (bytes.readableBytes() > STATUS_AT) {
      for (int i = 0; i < VERSION.length; i++) {
        if (bytes.getByte(bytes.readerIndex() + i) != VERSION[i]) {
          return;
        }
      }
      answers.incrementAndGet((bytes.getByte(bytes.readerIndex() + STATUS_AT) & 0x0f) % 10);
    }
  }

  @Override
  public String toString() {
    var text = new StringBuilder(opened + " opened, " + size(sent) + " out, " + size(received));
    text.append(" in");
    for (int i = 1; i < 6; i++) {
      if (answers.get(i) > 0) {
        text.append(", ").append(i).append("xx ").append(answers.get(i));
      }
    }
    return text.toString();
  }

  private static String size(AtomicLong bytes) {
    return bytes.get() < 10_000_000 ? bytes.get() / 1000 + " kB" : bytes.get() / 1_000_000 + " MB";
  }
}
