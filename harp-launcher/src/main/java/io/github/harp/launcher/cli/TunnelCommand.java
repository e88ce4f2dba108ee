// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static io.github.harp.core.HarpException.reasonOf;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.dialin.HostsOfTunnels;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.LogSettings;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.service.LastWords;
import io.github.harp.launcher.service.Signals;
import io.github.harp.operations.admin.TunnelClientEndpoint;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.config.FrpcConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The other end of a tunnel, in place of frpc. */
@Command(
    name = "tunnel",
    description = {
      "Dial in as frpc does, with frpc's own configuration file.",
      "For ExApps and engines on other hosts."
    },
    mixinStandardHelpOptions = true)
final class TunnelCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(TunnelCommand.class);
  private static final int LISTEN_SECONDS = 10;

  private final Shell shell;

  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = "frpc's configuration in TOML; {{ .Envs.NAME }} is filled in.")
  private Path file = Path.of("frpc.toml");

  @Option(
      names = "--metrics",
      paramLabel = "ADDRESS",
      description =
          "Say there which way bytes go, and why not the other: /status in JSON, /metrics for"
              + " Prometheus. For example 127.0.0.1:7400; whoever reaches it may read it.")
  private @Nullable String metrics;

  TunnelCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws Exception {
    LogOutput.direct(
        new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, false, false));
    try (var client = TunnelClient.start(config(file, shell).options().build());
        @SuppressWarnings("unused") // It is closed with the client.
            var endpoint = metrics == null ? null : show(client, ListenAddress.parse(metrics))) {
      Signals.on("TERM", client::close);
      Signals.on("INT", client::close);
      client.closed().get();
      return ExitCode.OK;
    } catch (ExecutionException e) {
      shell.err().println("harp: " + reasonOf(e.getCause() == null ? e : e.getCause()));
      return ExitCode.FAILED;
    }
  }

  private static TunnelClientEndpoint show(TunnelClient client, ListenAddress address)
      throws TimeoutException {
    var endpoint = new TunnelClientEndpoint(client::status);
    try {
      int port = endpoint.listen(address).await(LISTEN_SECONDS, TimeUnit.SECONDS);
      LOG.info("status and metrics are at http://{}", new ListenAddress(address.host(), port));
      return endpoint;
    } catch (RuntimeException | TimeoutException e) {
      endpoint.close();
      throw e;
    }
  }

  /** What the file says, with what it can't say; its warnings are told. */
  static FrpcConfig config(Path file, Shell shell) throws TunnelException {
    var config = FrpcConfig.read(file, shell.environment());
    config.warnings().forEach(warning -> shell.err().println("harp: " + warning));
    config.options().names(HostsOfTunnels::on).onFatalError(new LastWords()::broken);
    return config;
  }
}
