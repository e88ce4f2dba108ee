// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why something that was asked of HaRP did not happen. The message says what was found, where, and
 * what is expected; it may be shown to whoever holds the shared key, and holds no secret.
 */
public final class HarpException extends RuntimeException {

  /**
   * What kind of failure it is; translated to an HTTP status in one place for orders and in one for
   * traffic.
   */
  public enum Code {
    /** The request itself is wrong. */
    BAD_REQUEST,
    /** What it names does not exist. */
    NOT_FOUND,
    /** It contradicts something that exists. */
    CONFLICT,
    /** The other side can't be connected to. */
    UNREACHABLE,
    /** The other side did not answer in time. */
    TIMED_OUT,
    /** The other side answered no. */
    REFUSED,
    /** Too much is going on already; later is fine. */
    BUSY,
    /** The part that would do it is not configured. */
    UNAVAILABLE,
    /** It broke in the middle. */
    FAILED
  }

  private final Code code;

  public HarpException(Code code, String message) {
    this(code, message, null);
  }

  public HarpException(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  public Code code() {
    return code;
  }

  /** Why something failed: in its own words or, where it has none, what kind of failure it is. */
  public static String reasonOf(Throwable failure) {
    var message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), code.name());
  }
}
