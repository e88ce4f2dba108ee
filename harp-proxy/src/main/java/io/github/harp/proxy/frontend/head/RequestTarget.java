// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.head;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request target taken apart (RFC 9112, section 3.2), its bytes unchanged.
 *
 * @param path empty for {@code *} and for the authority form
 * @param query without {@code ?}; null when there is no {@code ?}
 * @param authority of the absolute form, which replaces the Host header; else null
 */
public record RequestTarget(String path, @Nullable String query, @Nullable String authority) {

  /** Of a request that is about no path. */
  public static final RequestTarget NONE = new RequestTarget("", null, null);

  /** Null when it is in none of the forms. */
  public static @Nullable RequestTarget parse(String method, String target) {
    if (method.equals("CONNECT")) {
      // Servers differ on where the answer ends when what is asked for is a path.
      return target.startsWith("/") ? null : NONE;
    }
    if (target.startsWith("/") || target.equals("*")) {
      return ofPath(target);
    }
    int scheme = schemeLength(target);
    if (scheme < 0) {
      return null;
    }
    int end = scheme;
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    var authority = target.substring(scheme, end);
    if (authority.isEmpty() || !RequestHeadRules.isAuthority(authority)) {
      return null;
    }
    var rest = target.substring(end);
    return split(rest.startsWith("/") ? rest : "/" + rest, authority);
  }

  /** Of one that is a path with or without a query, or else about none. */
  public static RequestTarget ofPath(String target) {
    return target.startsWith("/") ? split(target, null) : NONE;
  }

  /** The authority of the absolute form counts, whatever Host says. */
  public void replaceHost(HttpHeaders headers) {
    if (authority != null) {
      headers.set(HttpHeaderNames.HOST, authority);
    }
  }

  private static int schemeLength(String target) {
    if (target.regionMatches(true, 0, "http://", 0, 7)) {
      return 7;
    }
    return target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
  }

  private static RequestTarget split(String target, @Nullable String authority) {
    int mark = target.indexOf('?');
    return mark < 0
        ? new RequestTarget(target, null, authority)
        : new RequestTarget(target.substring(0, mark), target.substring(mark + 1), authority);
  }

  /** Bytes outside ASCII, which the codec gives as Latin-1, as lower-case {@code %xx}. */
  public static String percentEncodeNonAscii(String target) {
    var encoded = new StringBuilder(target.length() + 16);
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c < 0x80) {
        encoded.append(c);
      } else {
        encoded.append('%').append(Integer.toHexString(c & 0xff).toLowerCase(Locale.ROOT));
      }
    }
    return encoded.toString();
  }
}
