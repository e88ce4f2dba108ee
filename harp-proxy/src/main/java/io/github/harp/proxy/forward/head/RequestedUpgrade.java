// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.head;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The protocols that a request wants to switch to. */
public final class RequestedUpgrade {

  private static final AsciiString HTTP2_SETTINGS = AsciiString.cached("http2-settings");

  private RequestedUpgrade() {}

  /**
   * The Upgrade header to forward; null when nothing of it may be.
   *
   * @param allowed in lower case; others are left out, since what passes after an upgrade is not
   *     decided about
   */
  public static @Nullable String takeFrom(
      HttpVersion version, HttpHeaders headers, Set<String> allowed) {
    var wanted = headers.get(HttpHeaderNames.UPGRADE);
    if (wanted == null) {
      return null;
    }
    headers.remove(HTTP2_SETTINGS);
    if (version.equals(HttpVersion.HTTP_1_0)
        || !headers.containsValue(
            HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, /* ignoreCase= */ true)) {
      return null;
    }
    var kept = new StringJoiner(", ");
    kept.setEmptyValue("");
    for (var line : headers.getAll(HttpHeaderNames.UPGRADE)) {
      for (var token : line.split(",")) {
        var protocol = token.trim();
        if (allowed.contains(protocol.toLowerCase(Locale.ROOT))) {
          kept.add(protocol);
        }
      }
    }
    return kept.length() == 0 ? null : kept.toString();
  }
}
