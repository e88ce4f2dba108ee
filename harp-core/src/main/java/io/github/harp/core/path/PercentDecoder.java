// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import java.util.Optional;

/** Decodes percent-encoded text once, to one character per byte. */
public final class PercentDecoder {

  private PercentDecoder() {}

  /** The decoded text; empty when a {@code %} is not followed by two hexadecimal digits. */
  public static Optional<String> decode(String text) {
    if (text.indexOf('%') < 0) {
      return Optional.of(text);
    }
    var decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c == '%') {
        var high = digit(text, i + 1);
        var low = digit(text, i + 2);
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        decoded.append((char) (high << 4 | low));
        i += 2;
      } else {
        decoded.append(c);
      }
    }
    return Optional.of(decoded.toString());
  }

  private static int digit(String text, int index) {
    var c = index < text.length() ? text.charAt(index) : ' ';
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
