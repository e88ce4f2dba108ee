// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.core.notice.Visible;
import io.github.harp.launcher.Display;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.LogSettings;
import io.github.harp.launcher.config.environment.Validity;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.service.Signals;
import io.github.harp.transfer.Transfer;
import io.github.harp.transfer.TransferException;
import io.github.harp.transfer.TransferOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How {@code harp send} and {@code harp fetch} find each other, and what is common to both. */
final class PeerOptions {

  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = {
        "What 'harp tokens' printed for this side: frpc's configuration with [[visitors]], or",
        "with [[proxies]] for visitors."
      })
  private Path file = Path.of("frpc.toml");

  @Option(
      names = "--listen",
      description = {
        "Do not dial in: an frpc or harp tunnel that runs with FILE brings the other side to the",
        "localPort of its service for visitors."
      })
  private boolean listen;

  @Option(
      names = "--service",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Which one, where FILE has several services: the NAME of 'harp tokens'.")
  private String service = "";

  @Option(
      names = "--patience",
      defaultValue = "1h",
      paramLabel = "TIME",
      description =
          "How long the other side may be away, at first and later: 30m, 8h, 7d"
              + " (default: ${DEFAULT-VALUE}).")
  private String patience = "1h";

  /** What a command does once it is known how. */
  interface Made {
    Transfer with(TransferOptions options) throws TransferException, IOException;
  }

  /** Runs a transfer until it is over or a signal ends it. */
  int run(Shell shell, Made made) throws Exception {
    LogOutput.direct(
        new LogSettings(LogSettings.Level.ERROR, LogSettings.Format.TEXT, false, false));
    Duration away;
    try {
      away = Validity.parse(patience);
    } catch (IllegalArgumentException e) {
      shell.err().println("harp: --patience: found '" + patience + "'; expected " + e.getMessage());
      return ExitCode.USAGE;
    }
    var options =
        TransferOptions.meetingBy(TunnelCommand.config(file, shell))
            .service(service)
            .listens(listen)
            .patience(away);
    try (var display = new Display(shell);
        var transfer = made.with(options.watcher(display).build())) {
      Signals.on("TERM", transfer::stop);
      Signals.on("INT", transfer::stop);
      var done = transfer.run();
      display.close();
      shell.out().println(Visible.text(done));
      shell.out().flush();
      return ExitCode.OK;
    } catch (TransferException e) {
      shell.err().println("harp: " + Visible.text(e.getMessage()) + remedy(e));
      return ExitCode.FAILED;
    }
  }

  private static String remedy(TransferException ended) {
    return ended
        .remedy()
        .map(
            remedy ->
                switch (remedy) {
                  case NAMING_THE_SERVICE -> ", or --service";
                  case LISTENING -> "; expected --listen beside it";
                  case REPLACING -> "; --replace puts what comes in its place";
                })
        .orElse("");
  }
}
