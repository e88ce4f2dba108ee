// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Says what runs here. */
@Command(name = "version", description = "Print the versions of HaRP and Java.")
final class VersionCommand implements Callable<Integer> {

  private final Shell shell;

  VersionCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    for (var line : new Text().getVersion()) {
      shell.out().println(line);
    }
    return ExitCode.OK;
  }

  /** What {@code --version} prints, too. */
  static final class Text implements IVersionProvider {

    @Override
    public String[] getVersion() {
      return new String[] {
        "HaRP for the JVM " + Version.number(), "Java " + System.getProperty("java.runtime.version")
      };
    }
  }
}
