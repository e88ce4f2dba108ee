// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why something that was asked of HaRP did not happen. The message says what was found, where, and
 * what is expected; it may be shown to whoever holds the shared key, and holds no secret.
 */
public final class HarpException extends RuntimeException {

  /** What kind of failure it is, and what HTTP calls it. */
  public enum Code {
    /** The request itself is wrong. */
    BAD_REQUEST(400, 502),
    /** What it names does not exist. */
    NOT_FOUND(404, 502),
    /** It contradicts something that exists. */
    CONFLICT(409, 502),
    /** The other side can't be connected to. */
    UNREACHABLE(503, 503),
    /** The other side did not answer in time. */
    TIMED_OUT(504, 503),
    /** The other side answered no. */
    REFUSED(503, 502),
    /** Too much is going on already; later is fine. */
    BUSY(503, 503),
    /** The part that would do it is not configured. */
    UNAVAILABLE(503, 503),
    /** It broke in the middle. */
    FAILED(500, 502);

    private final int statusOfOrder;
    private final int statusOfQuestion;

    Code(int statusOfOrder, int statusOfQuestion) {
      this.statusOfOrder = statusOfOrder;
      this.statusOfQuestion = statusOfQuestion;
    }

    /** What somebody with the key is answered whose order ended so. */
    public int statusOfOrder() {
      return statusOfOrder;
    }

    /** What a visitor is answered when a question to Nextcloud about the visit ended so. */
    public int statusOfQuestion() {
      return statusOfQuestion;
    }
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

  /** What kind of failure this is; one that nobody has given a code is {@code FAILED}. */
  public static Code codeOf(Throwable failure) {
    return failure instanceof HarpException known ? known.code : Code.FAILED;
  }

  /** Why something failed: in its own words or, where it has none, what kind of failure it is. */
  public static String reasonOf(Throwable failure) {
    var message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }

  /** What a failure began with. */
  public static Throwable rootOf(Throwable failure) {
    var root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), code.name());
  }
}
