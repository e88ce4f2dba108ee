// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

/**
 * Finds {@code ..} segments in whatever spelling some server behind us may understand: dots and
 * slashes percent-encoded once, backslashes, and path parameters ({@code ..;x}) as Java servers
 * read them.
 */
public final class ParentSegments {
  private ParentSegments() {}

  /** Whether a raw path holds one. */
  public static boolean isIn(String path) {
    for (var at = path.indexOf('.'); at >= 0; at = path.indexOf('.', at + 1)) {
      if (isParentAt(path, at)) {
        return true;
      }
    }
    return path.indexOf('%') >= 0 && hasEncoded(path);
  }

  private static boolean hasEncoded(String path) {
    for (var at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) {
      if (isParentAt(path, at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isParentAt(String path, int start) {
    var first = dotLength(path, start);
    if (first == 0 || !startsSegment(path, start)) {
      return false;
    }
    var second = dotLength(path, start + first);
    return second != 0 && endsSegment(path, start + first + second);
  }

  private static boolean startsSegment(String path, int at) {
    return at == 0
        || isSeparator(path.charAt(at - 1))
        || (at >= 3 && path.charAt(at - 3) == '%' && isEncodedSeparator(path, at - 3));
  }

  private static boolean endsSegment(String path, int at) {
    return at == path.length()
        || isSeparator(path.charAt(at))
        || path.charAt(at) == ';'
        || isEncodedSeparator(path, at)
        || path.regionMatches(true, at, "%3b", 0, 3);
  }

  private static int dotLength(String path, int at) {
    if (at < path.length() && path.charAt(at) == '.') {
      return 1;
    }
    return path.regionMatches(true, at, "%2e", 0, 3) ? 3 : 0;
  }

  private static boolean isSeparator(char c) {
    return c == '/' || c == '\\';
  }

  private static boolean isEncodedSeparator(String path, int at) {
    return path.regionMatches(true, at, "%2f", 0, 3) || path.regionMatches(true, at, "%5c", 0, 3);
  }
}
