// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import java.io.IOException;

/** The one exception of this module: what went wrong with a tunnel, and a code to act on. */
public final class TunnelException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What kind of failure it was. */
  public enum Code {
    /** The peer broke the protocol; its connection is closed. */
    PROTOCOL_VIOLATION,
    /** The peer aborted this stream, or the session that carried it is gone. */
    RESET,
    /** Nobody has claimed this remote port. */
    NO_SUCH_PORT,
    /** The peer did not answer in time. */
    TIMEOUT,
    /** A limit on streams, connections or memory is reached. */
    LIMIT_REACHED,
    /** The peer refused a login or a proxy. */
    REFUSED,
    /** The configuration cannot work. */
    CONFIGURATION,
    /** This end was closed before the operation could finish. */
    CLOSED
  }

  private final Code code;

  public TunnelException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public TunnelException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What kind of failure it was. */
  public Code code() {
    return code;
  }
}
