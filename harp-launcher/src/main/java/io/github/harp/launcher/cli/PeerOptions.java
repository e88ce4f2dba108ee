// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.LogSettings;
import io.github.harp.launcher.config.environment.Validity;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.service.Signals;
import io.github.harp.launcher.transfer.Display;
import io.github.harp.launcher.transfer.Transfer;
import io.github.harp.launcher.transfer.peer.Introduction;
import io.github.harp.launcher.transfer.peer.Offering;
import io.github.harp.launcher.transfer.peer.Rendezvous;
import io.github.harp.launcher.transfer.peer.Role;
import io.github.harp.launcher.transfer.peer.TransferException;
import io.github.harp.launcher.transfer.peer.Visiting;
import io.github.harp.operations.Visible;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.config.FrpcConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
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
    Transfer over(Rendezvous way, Display display, Duration patience) throws TransferException;
  }

  /** Runs a transfer until it is over or a signal ends it. */
  int run(Shell shell, Role role, Made made) throws Exception {
    LogOutput.direct(
        new LogSettings(LogSettings.Level.ERROR, LogSettings.Format.TEXT, false, false));
    Duration away;
    try {
      away = Validity.parse(patience);
    } catch (IllegalArgumentException e) {
      shell.err().println("harp: --patience: found '" + patience + "'; expected " + e.getMessage());
      return ExitCode.USAGE;
    }
    var config = FrpcConfig.read(file, shell.environment());
    config.warnings().forEach(warning -> shell.err().println("harp: " + warning));
    try (var display = new Display(shell);
        var way = way(config, role)) {
      var transfer = made.over(way, display, away);
      Signals.on("TERM", transfer::stop);
      Signals.on("INT", transfer::stop);
      var done = transfer.run();
      display.close();
      shell.out().println(Visible.text(done));
      shell.out().flush();
      return ExitCode.OK;
    } catch (TransferException e) {
      shell.err().println("harp: " + Visible.text(e.getMessage()));
      return ExitCode.FAILED;
    }
  }

  private Rendezvous way(FrpcConfig config, Role role) throws TransferException, IOException {
    var options = TunnelCommand.options(config);
    var visitor =
        options.visitors().stream()
            .filter(each -> each.address().isPresent() && isMeant(each.service()))
            .min(Comparator.comparing(each -> each.way() != ProxyType.XTCP));
    if (visitor.isPresent() && !listen) {
      return Visiting.dialling(
          config.options(),
          options.visitors(),
          visitor.get(),
          new Introduction(visitor.get().secret(), role));
    }
    return offering(config, options, role);
  }

  private Rendezvous offering(FrpcConfig config, TunnelClientOptions options, Role role)
      throws TransferException, IOException {
    Predicate<TunnelProxy> isForVisitors = proxy -> proxy.visitors().isPresent();
    var services =
        options.proxies().stream()
            .filter(isForVisitors.and(proxy -> isMeant(proxy.name())))
            .toList();
    var targets = services.stream().map(TunnelProxy::target).distinct().count();
    if (targets != 1) {
      throw new TransferException(
          "%s has %s; expected what 'harp tokens' prints for one service%s"
              .formatted(
                  file,
                  targets == 0 ? "no service for visitors" : "several services for visitors",
                  targets == 0 ? "" : ", or --service"));
    }
    var first = services.get(0);
    var introduction = new Introduction(first.visitors().orElseThrow().secret(), role);
    if (listen) {
      return Offering.at(address(first), introduction);
    }
    if (!options.proxies().stream().allMatch(isForVisitors)) {
      throw new TransferException(
          ("%s opens ports, too: the frpc that does has to stay the only one; expected --listen"
                  + " beside it")
              .formatted(file));
    }
    return Offering.dialling(config.options(), services, introduction);
  }

  private boolean isMeant(String name) {
    return service.isEmpty() || name.contains("/" + service + "-");
  }

  private InetSocketAddress address(TunnelProxy service) throws TransferException {
    var port = new AtomicInteger();
    service.target().when(tcp -> port.set(tcp.port()), unix -> {});
    if (port.get() == 0) {
      throw new TransferException(
          "%s: %s leads to %s; expected a localPort"
              .formatted(file, service.name(), service.target()));
    }
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port.get());
  }
}
