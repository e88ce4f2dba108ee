// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.RequestHead;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.appapi.HeaderSpellings;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The headers of a caller by which Nextcloud may know who it is. A single sign-on in front has its
 * own, so that is all that go from end to end, but what makes another question of ours: what is
 * about one connection, a body, a part or an older copy of a resource, or the coding of an answer.
 */
final class CallerHeaders {

  private static final HeaderSpellings NOT_FOR_NEXTCLOUD =
      HeaderSpellings.of(
          List.of(
              // Our question has its own.
              "host",
              "accept",
              "accept-encoding",
              // One connection.
              "connection",
              "keep-alive",
              "proxy-connection",
              "proxy-authorization",
              "proxy-authenticate",
              "te",
              "trailer",
              "transfer-encoding",
              "upgrade",
              "http2-settings",
              "expect",
              "sec-websocket-key",
              "sec-websocket-version",
              "sec-websocket-protocol",
              "sec-websocket-extensions",
              "sec-websocket-accept",
              // A condition, or a part.
              "if-match",
              "if-none-match",
              "if-modified-since",
              "if-unmodified-since",
              "if-range",
              "range",
              // A body.
              "content-length",
              "content-type",
              "content-encoding",
              "content-language",
              "content-location",
              "content-range",
              "content-md5",
              "content-digest",
              "content-disposition",
              "content-transfer-encoding",
              "digest",
              "repr-digest"));

  /** What a caller may not take away by naming it in Connection. */
  private static final Set<String> NEVER_NOMINATED =
      Set.of(
          "authorization",
          "cookie",
          "forwarded",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-proto",
          "x-real-ip");

  private static final Set<String> LISTS = Set.of("x-forwarded-for", "forwarded", "via");

  private CallerHeaders() {}

  /** A copy of them; the head is only a view. */
  static MultiMap of(RequestHead request) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    var nominated = nominated(request);
    for (var written : request.headerNames()) {
      var name = written.toLowerCase(Locale.ROOT);
      if (NOT_FOR_NEXTCLOUD.contains(name)
          || AppApiHeaders.IDENTITY.contains(name)
          || nominated.contains(name)) {
        continue;
      }
      var lines = request.headers(name);
      if (name.equals("cookie")) {
        headers.set(name, String.join("; ", lines));
      } else if (LISTS.contains(name)) {
        headers.set(name, String.join(", ", lines));
      } else if (!lines.isEmpty()) {
        headers.set(name, lines.get(lines.size() - 1));
      }
    }
    return headers;
  }

  private static Set<String> nominated(RequestHead request) {
    var names = new HashSet<String>();
    for (var line : request.headers("connection")) {
      for (var token : line.split(",")) {
        names.add(token.strip().toLowerCase(Locale.ROOT));
      }
    }
    names.removeAll(NEVER_NOMINATED);
    return names;
  }
}
