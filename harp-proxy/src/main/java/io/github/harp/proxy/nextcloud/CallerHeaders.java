// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.RequestHead;
import io.vertx.core.MultiMap;
import java.util.List;

/**
 * The headers of a caller that Nextcloud needs to say who it is, and no others: hop-by-hop headers
 * of one request must not travel in another.
 */
final class CallerHeaders {

  private static final List<String> LAST_LINE_COUNTS =
      List.of(
          "authorization",
          "user-agent",
          "accept-language",
          "x-forwarded-host",
          "x-forwarded-proto",
          "x-forwarded-port",
          "x-forwarded-server",
          "x-forwarded-prefix",
          "x-real-ip",
          "ocs-apirequest",
          "requesttoken");

  private static final List<String> LISTS = List.of("x-forwarded-for", "forwarded");

  private CallerHeaders() {}

  /** A copy of them; the head is only a view. */
  static MultiMap of(RequestHead request) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    for (var name : LAST_LINE_COUNTS) {
      var value = request.header(name);
      if (value != null) {
        headers.set(name, value);
      }
    }
    for (var name : LISTS) {
      join(headers, name, ", ", request.headers(name));
    }
    join(headers, "cookie", "; ", request.headers("cookie"));
    return headers;
  }

  private static void join(MultiMap headers, String name, String separator, List<String> lines) {
    if (!lines.isEmpty()) {
      headers.set(name, String.join(separator, lines));
    }
  }
}
