// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import static io.github.harp.core.HarpException.reasonOf;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what the running gateway does, on one screen. */
@Command(
    name = "status",
    description = "Show what the running gateway of this environment knows and does now.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {

  private static final long BETWEEN_LOOKS_MILLIS = 2_000;

  private final Shell shell;

  @Option(names = "--watch", description = "Look again every two seconds, until interrupted.")
  private boolean watch;

  @Option(names = "--json", description = "Write it as JSON, as GET /status does.")
  private boolean json;

  public StatusCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws ConfigurationException, IOException, InterruptedException {
    show(
        RunningGateway.ask(
            shell,
            gateway -> {
              while (watch) {
                look(gateway);
                Thread.sleep(BETWEEN_LOOKS_MILLIS);
              }
              return gateway.get("/status");
            }));
    return ExitCode.OK;
  }

  /** While one watches, a gateway may be restarted. */
  private void look(RunningGateway gateway) throws InterruptedException {
    try {
      show(gateway.get("/status"));
    } catch (IOException e) {
      shell.out().println(Paint.RED.on(shell, reasonOf(e)));
    }
    shell.out().flush();
  }

  private void show(JsonObject status) {
    if (json) {
      shell.out().println(watch ? status.encode() : status.encodePrettily());
      return;
    }
    if (watch && shell.isTerminal()) {
      shell.out().print(Paint.CLEAR);
    }
    new StatusScreen(shell, Clock.systemUTC()).show(status);
    shell.out().flush();
  }
}
