// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import io.github.harp.launcher.cli.HarpCommand;
import io.github.harp.launcher.cli.Shell;
import io.github.harp.launcher.config.LogSettings;
import io.github.harp.launcher.logging.LogOutput;

/** Runs the command line. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    LogOutput.direct(LogSettings.STANDARD);
    int code = HarpCommand.run(Shell.ofThisProcess(), arguments);
    // Not by returning: a library's thread may still be alive.
    System.exit(code);
  }
}
