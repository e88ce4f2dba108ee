// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import java.util.ArrayList;
import java.util.LinkedHashSet;
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
 *     three in lower case, without what ends them, and both; also behind {@code //host}, and before
 *     {@code ?}, as they are seen by servers that parse them as URLs
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
    var tolerated = new LinkedHashSet<String>();
    for (var form : read(raw, canonical, decoded)) {
      var bare = form.substring(0, bareLength(form));
      tolerated.addAll(List.of(form, bare, lower(form), lower(bare)));
    }
    List.of(raw, canonical, decoded).forEach(tolerated::remove);
    return new PathForms(raw, canonical, decoded, List.copyOf(tolerated));
  }

  /** These, and what is left of them where a host or a query is seen in them. */
  private static List<String> read(String raw, String canonical, String decoded) {
    var behind = behindHost(raw);
    var all = new ArrayList<>(List.of(raw, canonical, decoded, beforeQuery(decoded)));
    if (!behind.equals(raw)) {
      var behindDecoded = PathNormalizer.decoded(behind);
      all.addAll(
          List.of(
              behind, PathNormalizer.canonical(behind), behindDecoded, beforeQuery(behindDecoded)));
    }
    return all;
  }

  /** {@code //host/path} is a reference to another host, and its path {@code /path}. */
  private static String behindHost(String path) {
    var at = 0;
    while (at < path.length() && isSlash(path.charAt(at))) {
      at++;
    }
    if (at < 2) {
      return path;
    }
    while (at < path.length() && !isSlash(path.charAt(at))) {
      at++;
    }
    return at == path.length() ? "/" : "/" + path.substring(at + 1);
  }

  private static boolean isSlash(char c) {
    return c == '/' || c == '\\';
  }

  private static String beforeQuery(String path) {
    var end = 0;
    while (end < path.length() && path.charAt(end) != '?' && path.charAt(end) != '#') {
      end++;
    }
    return path.substring(0, end);
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

  /**
   * Whether it is one to servers that see a host or a query in it, as they do in {@code //api/init}
   * where only a slash is one too many: no reason to ban anybody.
   */
  public boolean isInternalEndpointAsUrl() {
    return !isPlain()
        && (tolerated.stream().anyMatch(PathForms::isInternal)
            || isInternalThroughout(raw)
            || isInternalThroughout(behindHost(PathNormalizer.withoutEscapes(raw))));
  }

  private static boolean isInternalThroughout(String path) {
    return isInternal(beforeQuery(PathNormalizer.decodedThroughout(path)));
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
