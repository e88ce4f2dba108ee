// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The spellings under which a path is judged, since a server behind us may decode and tidy it.
 *
 * @param raw as sent, which is what is forwarded
 * @param canonical equivalent by RFC 3986: unreserved characters decoded, no empty or {@code .}
 *     segments
 * @param decoded what the most obliging server would make of it: all escapes decoded, backslashes
 *     as slashes, path parameters dropped
 * @param tolerated what servers that don't mind case or a slash at the end take for the same: these
 *     three in lower case, without what ends them, and both
 */
public record PathForms(String raw, String canonical, String decoded, List<String> tolerated) {
  private static final List<String> INTERNAL = List.of("/heartbeat", "/init", "/enabled");

  /** The forms of a path that starts with {@code /}; all are one text when it is plain. */
  public static PathForms of(String raw) {
    if (hasOneSpelling(raw)) {
      return new PathForms(raw, raw, raw, List.of());
    }
    var canonical = PathNormalizer.canonical(raw);
    var decoded = PathNormalizer.decoded(raw);
    var tolerated = new ArrayList<String>();
    for (var form : List.of(raw, canonical, decoded)) {
      var bare = form.substring(0, bareLength(form));
      for (var other : List.of(bare, lower(form), lower(bare))) {
        var isKnown = other.equals(raw) || other.equals(canonical) || other.equals(decoded);
        if (!isKnown && !tolerated.contains(other)) {
          tolerated.add(other);
        }
      }
    }
    return new PathForms(raw, canonical, decoded, tolerated);
  }

  /** Whether it has no other spelling. */
  @SuppressWarnings("ReferenceEquality")
  public boolean isPlain() {
    return raw == canonical && raw == decoded && tolerated.isEmpty();
  }

  /**
   * Whether it is, in any form and decoded however often, what only Nextcloud itself may call on an
   * ExApp.
   */
  public boolean isInternalEndpoint() {
    return isInternal(raw)
        || (!isPlain()
            && (isInternal(canonical)
                || isInternal(decoded)
                || isInternal(PathNormalizer.decodedThroughout(raw))));
  }

  private static boolean isInternal(String path) {
    var length = bareLength(path);
    for (var name : INTERNAL) {
      if (name.length() == length && path.regionMatches(true, 0, name, 0, length)) {
        return true;
      }
    }
    return false;
  }

  /** Without slashes, blanks and line ends at its end, which some patterns don't see. */
  private static int bareLength(String path) {
    var end = path.length();
    while (end > 1 && isPadding(path.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private static boolean isPadding(char c) {
    return c == '/' || Character.isSpaceChar(c) || Character.isISOControl(c);
  }

  private static String lower(String path) {
    return path.toLowerCase(Locale.ROOT);
  }

  private static boolean hasOneSpelling(String path) {
    var previous = '\0';
    for (var i = 0; i < path.length(); i++) {
      var c = path.charAt(i);
      if (c == '%' || c == '\\' || c == ';' || (previous == '/' && (c == '/' || c == '.'))) {
        return false;
      }
      if ((c >= 'A' && c <= 'Z') || c <= ' ' || c > '~') {
        return false;
      }
      previous = c;
    }
    return previous != '/' || path.length() == 1;
  }
}
