// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.head;

import io.github.harp.proxy.RequestRecord.Failure.Kind;

/**
 * A request that is refused before anything is decided about it; nothing after it on the connection
 * can be trusted.
 *
 * @param status 400, 414 or 431; 503 for one that only comes at a bad time
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

  public Kind kind() {
    return status == 503 ? Kind.OVERLOAD : Kind.MALFORMED_REQUEST;
  }
}
