// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what runs here. */
@Command(name = "version", description = "Print the versions of HaRP and Java.")
final class VersionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.parent().commandLine().printVersionHelp(spec.commandLine().getOut());
    return ExitCode.OK;
  }
}
