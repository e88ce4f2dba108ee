// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

/** Why a request was decided the way it was; the name is the key in logs and metrics. */
public enum Reason {
  ROUTE_ALLOWED,
  /** Nextcloud could not say who it is; the route is for everybody. */
  PUBLIC_WITHOUT_NEXTCLOUD,
  SIGNED_REQUEST,
  ORDER,
  ENGINE_CALL,
  BANNED,
  NO_PATH,
  PARENT_SEGMENT,
  /** An encoded line feed or the like in the path, which some servers don't see at its end. */
  CONTROL_CHARACTER,
  NOT_AN_EXAPP_PATH,
  /** A proxy in front forwards a folder before {@code /exapps/} that it ought to strip. */
  EXAPPS_PREFIX_NOT_AT_START,
  WRONG_KEY_FOR_ORDER,
  WRONG_KEY_IN_SIGNED_REQUEST,
  BAD_SIGNED_PORT,
  BAD_ENGINE_PORT,
  UNKNOWN_EXAPP,
  LOOKUP_FAILED,
  INTERNAL_ENDPOINT,
  USER_UNKNOWN,
  USER_LOOKUP_FAILED,
  LEVEL_TOO_LOW,
  NO_ROUTE,
  /** The ExApp's patterns are too many, or too complex for this path. */
  PATTERN_BUDGET_EXCEEDED,
  DECISION_TIMED_OUT
}
