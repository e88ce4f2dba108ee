// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.operations.outside.Outside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Asks a gateway that runs with the same environment whether it is well. */
@Command(
    name = "health",
    description = "Exit with 0 when the gateway of this environment accepts work, else with 1.",
    mixinStandardHelpOptions = true)
public final class HealthCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Shell shell;

  public HealthCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws Exception {
    var configuration = Configuration.from(shell.environment(), Path.of("/"));
    var problems = new ArrayList<String>();
    try (var outside = Outside.start()) {
      if (configuration.listeners().admin().isPresent()) {
        askReady(
            new RunningGateway(configuration.listeners().admin().get(), configuration, outside),
            configuration,
            problems);
      }
      for (var listener : listeners(configuration)) {
        connect(outside, listener.seenFromHere(), problems);
      }
    }
    problems.forEach(shell.err()::println);
    return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static List<ListenAddress> listeners(Configuration configuration) {
    var all = new ArrayList<>(configuration.listeners().exApps());
    if (Files.exists(configuration.certificates().tlsPem())) {
      all.addAll(configuration.listeners().exAppsTls());
    }
    all.add(configuration.listeners().frp());
    return all;
  }

  /**
   * The end-point gives way when another program has its default port; that program says nothing
   * about the gateway, good or bad.
   */
  private void askReady(RunningGateway gateway, Configuration configuration, List<String> problems)
      throws InterruptedException {
    var presence = gateway.look();
    var where =
        "HP_ADMIN_ADDRESS "
            + configuration.listeners().admin().map(Object::toString).orElse("")
            + ": ";
    Optional<String> problem =
        presence.fold(
            ours ->
                ours.ready()
                    ? Optional.empty()
                    : Optional.of(where + "the gateway is not ready; it starts or stops"),
            stranger -> stranger(where + "found " + stranger.what(), configuration),
            nobody -> Optional.of(where + nobody.why() + ", expected the gateway"));
    problem.ifPresent(problems::add);
  }

  private Optional<String> stranger(String found, Configuration configuration) {
    var problem = found + ", expected the gateway";
    if (configuration.listeners().adminWanted()) {
      return Optional.of(problem);
    }
    shell.err().println(problem + "; only its listeners were looked at");
    return Optional.empty();
  }

  private static void connect(Outside outside, ListenAddress address, List<String> problems) {
    try {
      outside.knock(address, PATIENCE);
    } catch (IOException e) {
      problems.add(address + ": expected a listener, found " + HarpException.reasonOf(e));
    }
  }
}
