// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

/** The gateway can't start; the message is for the administrator and needs no stack trace. */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1;

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
