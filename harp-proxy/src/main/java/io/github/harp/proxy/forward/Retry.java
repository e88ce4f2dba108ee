// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/**
 * Whether a request is sent a second time, unasked. Only when the connection had served another
 * request before, which may have left it dead or out of step; when no byte of an answer has come;
 * and when the ExApp can't have acted on it.
 */
final class Retry {

  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.TRACE,
          HttpMethod.PUT,
          HttpMethod.DELETE);

  /** What has come instead of an answer. */
  enum Instead {
    /** The end of the connection. */
    END,
    /** What is no answer: what was left behind somebody else's. */
    NONSENSE
  }

  private Retry() {}

  static boolean isIdempotent(HttpMethod method) {
    return IDEMPOTENT.contains(method);
  }

  /**
   * @param hasBody whether the head announces a body
   * @param sent how much of the request is written
   */
  static boolean isSafe(
      Instead instead,
      boolean reused,
      boolean answered,
      HttpMethod method,
      boolean hasBody,
      RequestLeg.State sent) {
    if (!reused || answered || instead == Instead.NONSENSE && !isIdempotent(method)) {
      return false;
    }
    return switch (sent) {
      case HEAD -> hasBody || isIdempotent(method);
      case SENT -> !hasBody && isIdempotent(method);
      case HELD, BODY, DROPPED -> false;
    };
  }
}
