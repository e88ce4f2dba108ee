// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.service.Service;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** The gateway itself. */
@Command(
    name = "serve",
    description = "Run the gateway, configured by HP_ environment variables (the default).",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  private final Shell shell;

  ServeCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws InterruptedException {
    Service service;
    try {
      service = new Service(() -> Configuration.from(shell.environment(), Path.of("/")));
    } catch (ConfigurationException e) {
      shell.err().println("harp: nothing was started, the configuration has mistakes:");
      e.mistakes().forEach(mistake -> shell.err().println("  " + mistake));
      return ExitCode.CONFIG;
    }
    var configuration = service.configuration();
    LogOutput.direct(configuration.operation().log());
    var log = LoggerFactory.getLogger(ServeCommand.class);
    tell(configuration, log);
    return service.run() ? ExitCode.OK : ExitCode.FAILED;
  }

  static void tell(Configuration configuration, Logger log) {
    configuration.remarks().alarms().forEach(log::error);
    configuration.remarks().warnings().forEach(log::warn);
  }
}
