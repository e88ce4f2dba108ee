// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static io.github.harp.core.HarpException.reasonOf;

import io.github.harp.core.address.Ports;
import io.github.harp.core.notice.Visible;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.cli.running.BansCommand;
import io.github.harp.launcher.cli.running.DoctorCommand;
import io.github.harp.launcher.cli.running.HealthCommand;
import io.github.harp.launcher.cli.running.StatusCommand;
import io.github.harp.launcher.cli.running.WhyCommand;
import io.github.harp.launcher.config.environment.ConfigurationException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program itself; without a sub-command it serves. */
@Command(
    name = "harp",
    description = "The gateway for Nextcloud's External Apps.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Text.class)
public final class HarpCommand implements Callable<Integer> {

  /**
   * Where nothing is to be parsed, the start of the gateway does without picocli: its classes are
   * too old for a class archive, and loading them takes a fifth of the whole time.
   */
  private static final Set<List<String>> SERVE = Set.of(List.of(), List.of("serve"));

  private final ServeCommand serve;

  private HarpCommand(ServeCommand serve) {
    this.serve = serve;
  }

  /**
   * Runs a command line.
   *
   * @return the exit code
   */
  public static int run(Shell shell, String... arguments) {
    var serve = new ServeCommand(shell);
    if (!SERVE.contains(List.of(arguments))) {
      return parse(shell, serve, arguments);
    }
    try {
      return serve.call();
    } catch (InterruptedException | RuntimeException e) {
      return report(e, shell.err());
    }
  }

  private static int parse(Shell shell, ServeCommand serve, String... arguments) {
    var commands =
        new CommandLine(new HarpCommand(serve))
            .addSubcommand(serve)
            .addSubcommand(new DemoCommand(shell))
            .addSubcommand(new TunnelCommand(shell))
            .addSubcommand(new SendCommand(shell))
            .addSubcommand(new FetchCommand(shell))
            .addSubcommand(new CertsCommand(shell, Clock.systemUTC()))
            .addSubcommand(new TokensCommand(shell, Clock.systemUTC()))
            .addSubcommand(new DoctorCommand(shell))
            .addSubcommand(new StatusCommand(shell))
            .addSubcommand(new WhyCommand(shell))
            .addSubcommand(new BansCommand(shell))
            .addSubcommand(new HealthCommand(shell))
            .addSubcommand(new VersionCommand(shell))
            .addSubcommand(new ManPageCommand(shell))
            .addSubcommand("completion", new AutoComplete.GenerateCompletion())
            .setOut(shell.out())
            .setErr(shell.err())
            .setExecutionExceptionHandler(
                (failure, command, parsed) -> report(failure, command.getErr()));
    commands.registerConverter(int.class, HarpCommand::port);
    return commands.execute(arguments);
  }

  @Override
  public Integer call() throws Exception {
    return serve.call();
  }

  /** A message for people; the stack is for the log at debug level. */
  private static int report(Exception failure, PrintWriter err) {
    if (failure instanceof ConfigurationException configuration) {
      err.println("harp: the configuration has mistakes:");
      configuration.mistakes().forEach(mistake -> err.println("  " + mistake));
      return ExitCode.CONFIG;
    }
    reasonOf(failure).lines().map(Visible::text).forEach(line -> err.println("harp: " + line));
    return ExitCode.FAILED;
  }

  /** All numbers on the command line are ports. */
  private static int port(String text) {
    return Ports.parse(text)
        .orElseThrow(
            () ->
                new CommandLine.TypeConversionException(
                    "found '" + text + "', expected a port from 0 to " + Ports.HIGHEST));
  }
}
