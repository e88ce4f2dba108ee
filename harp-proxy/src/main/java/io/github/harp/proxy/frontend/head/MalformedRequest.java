// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.head;

import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.loop.Limit;

/**
 * A request that is refused before anything is decided about it; nothing after it on the connection
 * can be trusted.
 *
 * @param status 400, 414 or 431; 408 or 503 for one that is late or only comes at a bad time
 * @param reason what was found, for the log; holds nothing of the request
 */
public record MalformedRequest(int status, String reason) {

  public MalformedRequest(String reason) {
    this(400, reason);
  }

  /** Nobody knows when the rest comes, and there are too many of that kind. */
  public static MalformedRequest unfinishedWhileMemoryIsShort() {
    return new MalformedRequest(503, "half a head, while memory is short");
  }

  /** It has begun, and there is no end to it. */
  public static MalformedRequest unfinishedWithin(Limit limit) {
    return new MalformedRequest(408, "no complete request head within " + limit);
  }

  public Kind kind() {
    return switch (status) {
      case 408 -> Kind.CLIENT_TIMEOUT;
      case 503 -> Kind.OVERLOAD;
      default -> Kind.MALFORMED_REQUEST;
    };
  }
}
