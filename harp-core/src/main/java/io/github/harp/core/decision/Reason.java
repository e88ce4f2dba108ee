// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.decision;

/**
 * Why a request was decided the way it was; the name is the key in logs and metrics. With it stands
 * the status of those who are refused for it.
 */
public enum Reason {
  ROUTE_ALLOWED,
  /** Nextcloud could not say who it is; the route is for everybody. */
  PUBLIC_WITHOUT_NEXTCLOUD,
  SIGNED_REQUEST,
  ORDER,
  ENGINE_CALL,
  /** One of the gateway's own pages, at the public name. */
  OWN_PAGE,
  BANNED(429),
  NO_PATH(503),
  PARENT_SEGMENT,
  /** An encoded line feed or the like in the path, which some servers don't see at its end. */
  CONTROL_CHARACTER(400),
  NOT_AN_EXAPP_PATH(404),
  /** A proxy in front forwards a folder before {@code /exapps/} that it ought to strip. */
  EXAPPS_PREFIX_NOT_AT_START(404),
  WRONG_KEY_FOR_ORDER(401),
  WRONG_KEY_IN_SIGNED_REQUEST,
  BAD_SIGNED_PORT(400),
  BAD_ENGINE_PORT(400),
  /** A call that is not passed to engines, or to a number that is none's. */
  ENGINE_RULE(403),
  /** The engine is neither configured nor dialled in. */
  NO_ENGINE(503),
  /** No Nextcloud has the host that is asked for. */
  UNKNOWN_HOST(421),
  UNKNOWN_EXAPP(404),
  LOOKUP_FAILED,
  INTERNAL_ENDPOINT,
  USER_UNKNOWN(403),
  USER_LOOKUP_FAILED,
  LEVEL_TOO_LOW(403),
  NO_ROUTE(404),
  /** The ExApp's patterns are too many, or too complex for this path. */
  PATTERN_BUDGET_EXCEEDED(403);

  private final int status;

  /** One for which nobody is refused, or not with a status of its own. */
  Reason() {
    this(0);
  }

  Reason(int status) {
    this.status = status;
  }

  /** Whether somebody may have guessed. */
  public boolean isWrongKey() {
    return this == WRONG_KEY_FOR_ORDER || this == WRONG_KEY_IN_SIGNED_REQUEST;
  }

  /** What those are answered who are refused for it. */
  public int status() {
    return status;
  }
}
