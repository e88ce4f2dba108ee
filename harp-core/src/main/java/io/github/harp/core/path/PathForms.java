// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

/**
 * The spellings under which a path is judged, since a server behind us may decode and tidy it.
 *
 * @param raw as sent, which is what is forwarded
 * @param canonical equivalent by RFC 3986: unreserved characters decoded, no empty or {@code .}
 *     segments
 * @param decoded what the most obliging server would make of it: all escapes decoded, backslashes
 *     as slashes, path parameters dropped
 */
public record PathForms(String raw, String canonical, String decoded) {

  /** The forms of a path that starts with {@code /}; all three are one text when it is plain. */
  public static PathForms of(String raw) {
    return hasOneSpelling(raw)
        ? new PathForms(raw, raw, raw)
        : new PathForms(raw, PathNormalizer.canonical(raw), PathNormalizer.decoded(raw));
  }

  /** Whether it has no other spelling. */
  @SuppressWarnings("ReferenceEquality")
  public boolean isPlain() {
    return raw == canonical && raw == decoded;
  }

  /** Whether it is, in any form, what only Nextcloud itself may call on an ExApp. */
  public boolean isInternalEndpoint() {
    return isInternal(raw) || isInternal(canonical) || isInternal(decoded);
  }

  private static boolean isInternal(String path) {
    return switch (path) {
      case "/heartbeat", "/heartbeat/", "/init", "/init/", "/enabled", "/enabled/" -> true;
      default -> false;
    };
  }

  private static boolean hasOneSpelling(String path) {
    var previous = '\0';
    for (var i = 0; i < path.length(); i++) {
      var c = path.charAt(i);
      if (c == '%' || c == '\\' || c == ';' || (previous == '/' && (c == '/' || c == '.'))) {
        return false;
      }
      previous = c;
    }
    return true;
  }
}
