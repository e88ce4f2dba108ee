// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.ConfigurationException;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.serve.Service;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The gateway itself. */
@Command(
    name = "serve",
    description = "Run the gateway, configured by HP_ environment variables (the default).",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  private final Map<String, String> environment;

  @Spec private CommandSpec spec;

  ServeCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration;
    try {
      configuration = Configuration.from(environment, Path.of("/"));
    } catch (ConfigurationException e) {
      var err = spec.commandLine().getErr();
      err.println("harp: nothing was started, the configuration has mistakes:");
      e.mistakes().forEach(mistake -> err.println("  " + mistake));
      return ExitCode.CONFIG;
    }
    LogOutput.direct(configuration.log());
    var log = LoggerFactory.getLogger(ServeCommand.class);
    configuration.warnings().forEach(log::warn);
    return new Service(configuration).run() ? ExitCode.OK : ExitCode.FAILED;
  }
}
