// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher;

import io.github.harp.launcher.cli.HarpCommand;

/** Runs the command line. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    int code = HarpCommand.run(System.getenv(), arguments);
    // Not by returning: a library's thread may still be alive.
    System.exit(code);
  }
}
