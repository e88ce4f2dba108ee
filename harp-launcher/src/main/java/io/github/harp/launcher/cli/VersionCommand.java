// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Says what runs here. */
@Command(name = "version", description = "Print the versions of HaRP and Java.")
final class VersionCommand implements Callable<Integer> {

  private final Shell shell;

  VersionCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    for (var line : new VersionText().getVersion()) {
      shell.out().println(line);
    }
    return ExitCode.OK;
  }
}
