// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

/** What the process says to whoever started it. */
public final class ExitCode {

  /** Done, or stopped by a signal. */
  public static final int OK = 0;

  /** Something could not be done; the message says what. */
  public static final int FAILED = 1;

  /** Wrong command line. */
  public static final int USAGE = 2;

  /** Wrong configuration, as {@code sysexits.h} numbers it; nothing was started. */
  public static final int CONFIG = 78;

  /** An event loop was stuck for longer than {@code HP_WATCHDOG_*} allows ({@code EX_SOFTWARE}). */
  public static final int STUCK = 70;

  /**
   * An event loop has ended, or met an error that it does not get over ({@code EX_OSERR}): no
   * memory left, mostly.
   */
  public static final int BROKEN = 71;

  private ExitCode() {}
}
