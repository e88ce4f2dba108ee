// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Rewrites paths into the forms that {@link PathForms} describes. */
final class PathNormalizer {
  private static final int HEX = 16;

  private PathNormalizer() {}

  static String canonical(String path) {
    return tidied(decoded(path, true));
  }

  static String decoded(String path) {
    return tidied(withoutParameters(decoded(path, false).replace('\\', '/')));
  }

  /** As {@link #decoded(String)}, but of escapes of escapes as well; one character per byte. */
  static String decodedThroughout(String path) {
    return tidied(withoutParameters(withoutEscapes(path).replace('\\', '/')));
  }

  /**
   * Decodes until no escape is left, in one pass: what is decoded may complete an escape that began
   * before it. One character per byte.
   */
  static String withoutEscapes(String path) {
    var out = new StringBuilder(path.length());
    for (var i = 0; i < path.length(); i++) {
      out.append(path.charAt(i));
      for (var escaped = escapedAt(out, out.length() - 3); escaped >= 0; ) {
        out.setLength(out.length() - 3);
        out.append((char) escaped);
        escaped = escapedAt(out, out.length() - 3);
      }
    }
    return out.toString();
  }

  /** Decodes escapes once; malformed ones stay as they are. */
  private static String decoded(String path, boolean onlyUnreserved) {
    if (path.indexOf('%') < 0) {
      return path;
    }
    var bytes = new ByteArrayOutputStream(path.length());
    for (var i = 0; i < path.length(); i++) {
      var escaped = escapedAt(path, i);
      if (escaped >= 0 && (!onlyUnreserved || isUnreserved((char) escaped))) {
        bytes.write(escaped);
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(path.charAt(i)).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static int escapedAt(CharSequence path, int at) {
    if (at < 0 || path.charAt(at) != '%' || at + 2 >= path.length()) {
      return -1;
    }
    var high = Character.digit(path.charAt(at + 1), HEX);
    var low = Character.digit(path.charAt(at + 2), HEX);
    return high < 0 || low < 0 ? -1 : high * HEX + low;
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  private static String withoutParameters(String path) {
    return path.indexOf(';') < 0 ? path : path.replaceAll(";[^/]*", "");
  }

  /** Without empty and {@code .} segments; a slash at the end stays. */
  private static String tidied(String path) {
    var result = new StringBuilder(path.length());
    var start = 0;
    while (start < path.length()) {
      var slash = path.indexOf('/', start);
      var end = slash < 0 ? path.length() : slash;
      var isEmptyOrDot = end == start || (end == start + 1 && path.charAt(start) == '.');
      if (!isEmptyOrDot) {
        result.append('/').append(path, start, end);
      }
      start = end + 1;
    }
    var endsInFolder = path.endsWith("/") || path.endsWith("/.");
    return endsInFolder || result.isEmpty() ? result.append('/').toString() : result.toString();
  }
}
