// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.RequestHead;

/** Which of the banned are told that they are; the others see the connection close. */
public enum BanAnswer {
  /** Who comes with a browser, and may not know why. */
  BROWSER,
  /** Everybody. */
  ALWAYS,
  /** Nobody, as the original does. */
  DROP;

  boolean isFor(RequestHead request) {
    return switch (this) {
      case BROWSER -> isFromBrowser(request);
      case ALWAYS -> true;
      case DROP -> false;
    };
  }

  private static boolean isFromBrowser(RequestHead request) {
    if (request.header("sec-fetch-site") != null || request.header("sec-fetch-mode") != null) {
      return true;
    }
    var accepted = request.header("accept");
    var agent = request.header("user-agent");
    return (accepted != null && accepted.contains("text/html"))
        || (agent != null && agent.startsWith("Mozilla/"));
  }
}
