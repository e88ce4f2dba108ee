// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import io.github.harp.launcher.cli.HarpCommand;
import io.github.harp.launcher.config.LogSettings;
import io.github.harp.launcher.logging.LogOutput;

/** Runs the command line. */
public final class Main {

  /** Netty's flight recorder events: to define them delays the first request, recorded or not. */
  private static final String NETTY_EVENTS = "io.netty.jfr.enabled";

  private Main() {}

  public static void main(String[] arguments) {
    if (System.getProperty(NETTY_EVENTS) == null) {
      System.setProperty(NETTY_EVENTS, "false");
    }
    LogOutput.direct(new LogSettings());
    int code = HarpCommand.run(Shell.ofThisProcess(), arguments);
    // Not by returning: a library's thread may still be alive.
    System.exit(code);
  }
}
