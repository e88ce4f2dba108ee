// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * Where an entry of a stream stands.
 *
 * @param ms when it was written, by the server's clock; unsigned
 * @param number which of that millisecond; unsigned
 */
record StreamId(long ms, long number) implements Comparable<StreamId> {

  private static final Pattern FORM = Pattern.compile("(\\d{1,20})-(\\d{1,20})");
  private static final Comparator<StreamId> ORDER =
      Comparator.comparing(StreamId::ms, Long::compareUnsigned)
          .thenComparing(StreamId::number, Long::compareUnsigned);

  /**
   * @throws IllegalArgumentException for what no server writes of itself
   */
  static StreamId parse(String text) {
    var parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("id of an entry: expected milliseconds-number");
    }
    return new StreamId(
        Long.parseUnsignedLong(parts.group(1)), Long.parseUnsignedLong(parts.group(2)));
  }

  /** The first that can follow; that of the last possible one is itself. */
  StreamId next() {
    if (number != -1) {
      return new StreamId(ms, number + 1);
    }
    return ms == -1 ? this : new StreamId(ms + 1, 0);
  }

  @Override
  public int compareTo(StreamId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(ms) + "-" + Long.toUnsignedString(number);
  }
}
