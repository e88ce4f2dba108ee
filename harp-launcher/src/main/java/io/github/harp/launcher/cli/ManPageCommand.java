// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.Version;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Writes the manual page of all commands, from what they say of themselves. */
@Command(
    name = "man-page",
    description = {"Print the manual page.", "To read it: harp man-page | man -l -"},
    mixinStandardHelpOptions = true)
final class ManPageCommand implements Callable<Integer> {

  private final Shell shell;

  @Spec private @Nullable CommandSpec spec;

  ManPageCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    if (spec != null) {
      var root = spec.root();
      say(".TH HARP 1 \"\" \"HaRP %s\" \"User Commands\"".formatted(escaped(Version.number())));
      say(".SH NAME");
      say("harp \\- " + escaped(root.usageMessage().description()[0]));
      say(".SH SYNOPSIS");
      say(".B harp");
      say("[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]");
      say(".SH DESCRIPTION");
      say("Without a command it serves. Settings are environment variables.");
      say(".SH COMMANDS");
      root.subcommands().values().forEach(it -> describe(it.getCommandSpec()));
      say(".SH SEE ALSO");
      say("docs/configuration.md and docs/operations.md of the distribution");
    }
    shell.out().flush();
    return ExitCode.OK;
  }

  private void describe(CommandSpec command) {
    say(".SS \"" + escaped(command.qualifiedName()) + "\"");
    for (var line : command.usageMessage().description()) {
      say(text(line));
    }
    command.positionalParameters().forEach(it -> describe(it.paramLabel(), it));
    for (var option : command.options()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        var names = String.join(", ", option.names());
        describe(option.arity().max() == 0 ? names : names + " " + option.paramLabel(), option);
      }
    }
    command.subcommands().values().forEach(it -> describe(it.getCommandSpec()));
  }

  private void describe(String title, ArgSpec argument) {
    say(".TP");
    say(".B " + escaped(title));
    for (var line : argument.description()) {
      say(text(line));
    }
  }

  private static String text(String line) {
    return line.startsWith(".") || line.startsWith("'") ? "\\&" + escaped(line) : escaped(line);
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }

  private void say(String line) {
    shell.out().println(line);
  }
}
