// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

import io.github.harp.core.RequestHead;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller shows to be recognised by Nextcloud.
 *
 * @param cookies all Cookie headers
 * @param authorization the Authorization header
 * @param hasSession whether the cookie is there without which Nextcloud knows no session
 */
record Credentials(List<String> cookies, @Nullable String authorization, boolean hasSession) {
  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");
  private static final String PASSPHRASE = "oc_sessionPassphrase";

  /** Null for an anonymous caller. */
  static @Nullable Credentials of(RequestHead request) {
    var cookies = request.headers(COOKIE);
    var authorization = request.header(AUTHORIZATION);
    var hasSession = hasPassphrase(cookies);
    return hasSession || authorization != null
        ? new Credentials(cookies, authorization, hasSession)
        : null;
  }

  /** Of several cookies with this name the last counts; an empty one is none. */
  private static boolean hasPassphrase(List<String> lines) {
    var has = false;
    for (var i = 0; i < lines.size(); i++) {
      var line = lines.get(i);
      for (var at = 0; at < line.length(); ) {
        var semicolon = line.indexOf(';', at);
        var end = semicolon < 0 ? line.length() : semicolon;
        while (at < end && line.charAt(at) == ' ') {
          at++;
        }
        if (line.startsWith(PASSPHRASE, at) && line.startsWith("=", at + PASSPHRASE.length())) {
          has = !isBlank(line, at + PASSPHRASE.length() + 1, end);
        }
        at = end + 1;
      }
    }
    return has;
  }

  private static boolean isBlank(String line, int start, int end) {
    for (var i = start; i < end; i++) {
      if (line.charAt(i) != ' ' && line.charAt(i) != '"') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return "***";
  }
}
