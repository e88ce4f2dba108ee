// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;

/**
 * Lets answers of a server (RESP2) pass to where they are understood, until one is larger than any
 * that is expected: by then it would have taken the memory. For one connection.
 */
final class AnswerLimits implements Handler<Buffer> {

  /**
   * Those that a cluster of many servers has to say of itself; of entries and nodes there are less.
   */
  private static final int MAX_ELEMENTS = 100_000;

  private static final int MAX_LINE_BYTES = 16 * 1024;
  private static final int LINE_END_BYTES = 2;

  private final Handler<Buffer> parser;
  private final long maxBytes;
  private final Runnable exceeded;
  private final StringBuilder line = new StringBuilder();

  /** Of this answer. */
  private long bytes;

  /** Elements of this answer that are still to come, this one included. */
  private long elements = 1;

  private long toSkip;
  private boolean over;

  /**
   * @param exceeded called once; nothing passes any more
   */
  AnswerLimits(Handler<Buffer> parser, long maxBytes, Runnable exceeded) {
    this.parser = parser;
    this.maxBytes = maxBytes;
    this.exceeded = exceeded;
  }

  @Override
  public void handle(Buffer chunk) {
    for (var i = 0; i < chunk.length() && !over; ) {
      i += toSkip > 0 ? skip(chunk.length() - i) : read(chunk.getByte(i));
    }
    if (!over) {
      pass(chunk);
    }
  }

  private void pass(Buffer chunk) {
    try {
      parser.handle(chunk);
    } catch (RuntimeException notRedis) {
      exceed();
    }
  }

  private int skip(int there) {
    var skipped = (int) Math.min(toSkip, there);
    toSkip -= skipped;
    grow(skipped);
    if (toSkip == 0) {
      complete();
    }
    return skipped;
  }

  private int read(byte one) {
    grow(1);
    line.append((char) (one & 0xff));
    if (one == '\n') {
      head(line.charAt(0), line.substring(1).strip());
      line.setLength(0);
    } else if (line.length() > MAX_LINE_BYTES) {
      exceed();
    }
    return 1;
  }

  private void head(char type, String text) {
    switch (type) {
      case '$' -> {
        var length = number(text);
        if (length < 0) {
          complete();
        } else {
          toSkip = length + LINE_END_BYTES;
          if (bytes + toSkip > maxBytes) {
            exceed();
          }
        }
      }
      case '*' -> {
        elements += Math.max(0, number(text));
        if (elements > MAX_ELEMENTS) {
          exceed();
        }
        complete();
      }
      // What these are is the parser's matter; nothing but a line.
      case '+', '-', ':' -> complete();
      default -> exceed();
    }
  }

  private long number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      exceed();
      return 0;
    }
  }

  private void complete() {
    elements--;
    if (elements == 0) {
      elements = 1;
      bytes = 0;
    }
  }

  private void grow(int by) {
    bytes += by;
    if (bytes > maxBytes) {
      exceed();
    }
  }

  private void exceed() {
    if (!over) {
      over = true;
      exceeded.run();
    }
  }
}
