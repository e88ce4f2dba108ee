// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.head;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Headers that concern one connection only and are not forwarded (RFC 9110, section 7.6.1).
 * Transfer-Encoding is left to those who frame the message anew.
 */
final class HopByHopHeaders {

  private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

  /** A client may not take away by naming them in Connection what others rely on. */
  private static final Set<String> NEVER_NOMINATED =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "content-type",
          "cookie",
          "authorization",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-proto",
          "x-real-ip",
          "forwarded");

  private HopByHopHeaders() {}

  /** Removes them, and those that Connection names. */
  static void remove(HttpHeaders headers) {
    if (headers.contains(HttpHeaderNames.CONNECTION)) {
      removeNominated(headers);
      headers.remove(HttpHeaderNames.CONNECTION);
    }
    headers.remove(KEEP_ALIVE);
    headers.remove(PROXY_CONNECTION);
    headers.remove(HttpHeaderNames.TE);
    headers.remove(HttpHeaderNames.UPGRADE);
  }

  private static void removeNominated(HttpHeaders headers) {
    List<String> lines = headers.getAll(HttpHeaderNames.CONNECTION);
    for (int i = 0; i < lines.size(); i++) {
      var line = lines.get(i);
      if (isCommon(line)) {
        continue;
      }
      for (var token : line.split(",")) {
        var name = token.trim().toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !NEVER_NOMINATED.contains(name)) {
          headers.remove(name);
        }
      }
    }
  }

  private static boolean isCommon(String line) {
    return line.equalsIgnoreCase("keep-alive")
        || line.equalsIgnoreCase("close")
        || line.equalsIgnoreCase("upgrade");
  }
}
