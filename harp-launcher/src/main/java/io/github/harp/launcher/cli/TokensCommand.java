// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.key.VisitorPasses;
import io.github.harp.core.key.VisitorPasses.Pass;
import io.github.harp.dialin.WithdrawnPasses;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.VisitorSettings;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Validity;
import io.github.harp.tunnel.config.VisitorExport;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What peers need whose bytes go straight between them. */
@Command(
    name = "tokens",
    description = "Let somebody visit an ExApp by a tunnel, straight where networks allow it.",
    mixinStandardHelpOptions = true)
final class TokensCommand {

  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9-]{0,40}");

  private final Shell shell;
  private final Clock clock;

  /** What is visited. */
  private static final class ServiceOptions {

    @Option(names = "--app", required = true, paramLabel = "ID", description = "The ExApp.")
    private String app = "";

    @Option(
        names = "--service",
        defaultValue = "",
        paramLabel = "NAME",
        description = "One of several services of the ExApp for visitors: files, say.")
    private String service = "";
  }

  TokensCommand(Shell shell, Clock clock) {
    this.shell = shell;
    this.clock = clock;
  }

  @Command(
      description = {
        "Print what the ExApp's frpc.toml needs beside its own [[proxies]].",
        "It holds the secret that visitors have to know."
      },
      mixinStandardHelpOptions = true)
  int owner(
      @Mixin ServiceOptions of,
      @Option(
              names = "--local-port",
              required = true,
              paramLabel = "PORT",
              description = "Where its service for visitors listens, on 127.0.0.1 beside frpc.")
          int localPort)
      throws ConfigurationException {
    var id = appId(of.app);
    if (id.isEmpty() || !isName(of.service)) {
      return ExitCode.USAGE;
    }
    var secret = new VisitorPasses(settings().key()).secret(id.get());
    shell.out().print(new VisitorExport(service(id.get(), of.service), secret).owner(localPort));
    shell.out().flush();
    return ExitCode.OK;
  }

  @Command(
      description = {
        "Print the frpc.toml of a visitor of one ExApp. What it logs in with opens nothing, visits",
        "nothing else, and ends by itself."
      },
      mixinStandardHelpOptions = true)
  int visitor(
      @Mixin ServiceOptions of,
      @Option(
              names = "--ttl",
              defaultValue = "1d",
              paramLabel = "TIME",
              description = "How long it is good for: 30m, 8h, 7d (default: ${DEFAULT-VALUE}).")
          String ttl,
      @Option(
              names = "--server",
              required = true,
              paramLabel = "HOST",
              description = "Name or address at which the visitor reaches this gateway.")
          String server,
      @Option(
              names = "--bind-port",
              defaultValue = "23000",
              paramLabel = "PORT",
              description = "Where the ExApp is to be found on the visitor's own 127.0.0.1.")
          int bindPort)
      throws ConfigurationException {
    var id = appId(of.app);
    var time = time(ttl);
    if (id.isEmpty() || time.isEmpty() || !isName(of.service)) {
      return ExitCode.USAGE;
    }
    var settings = settings();
    var passes = new VisitorPasses(settings.key());
    var now = clock.instant();
    var until = now.plus(time.get()).truncatedTo(ChronoUnit.SECONDS);
    var place = new VisitorExport.Server(server, settings.tunnels().port(), settings.stunPort());
    shell
        .out()
        .print(
            new VisitorExport(service(id.get(), of.service), passes.secret(id.get()))
                .visitor(place, passes.mint(new Pass(id.get(), now, until)), until, bindPort));
    shell.out().flush();
    return ExitCode.OK;
  }

  @Command(
      description = {
        "End passes before their time: one, or all of an ExApp that were made until now. It counts",
        "at once, for those who are logged in, too; straight ways that are open go on."
      },
      mixinStandardHelpOptions = true)
  int withdraw(
      @Option(names = "--app", paramLabel = "ID", description = "All of this ExApp.")
          @Nullable String app,
      @Option(
              names = "--pass",
              paramLabel = "PASS",
              description = "This one: metadatas.token of the visitor's frpc.toml.")
          @Nullable String pass)
      throws ConfigurationException, IOException {
    if ((app == null) == (pass == null)) {
      shell.err().println("harp: expected either --app or --pass");
      return ExitCode.USAGE;
    }
    var settings = settings();
    var withdrawn = new WithdrawnPasses(settings.withdrawn());
    if (app != null) {
      var id = appId(app);
      if (id.isEmpty()) {
        return ExitCode.USAGE;
      }
      withdrawn.addAll(id.get(), clock.instant());
      shell.out().println("all passes of " + id.get() + " that were made until now are withdrawn");
    } else {
      var found = new VisitorPasses(settings.key()).verify(pass);
      if (found.isEmpty()) {
        shell.err().println("harp: --pass: this is no pass of this gateway's");
        return ExitCode.USAGE;
      }
      withdrawn.add(found.get(), clock.instant());
      shell.out().println("the pass of " + found.get().appId() + " is withdrawn");
    }
    shell.out().flush();
    return ExitCode.OK;
  }

  private VisitorSettings settings() throws ConfigurationException {
    return VisitorSettings.from(shell.environment());
  }

  private boolean isName(String service) {
    var is = SERVICE.matcher(service).matches();
    if (!is) {
      usage("--service: found '" + service + "'; expected letters, digits and dashes");
    }
    return is;
  }

  /** In front of the names of its two ways. */
  private static String service(AppId app, String name) {
    return Pass.service(app, name.isEmpty() ? "" : name + "-");
  }

  private Optional<AppId> appId(String text) {
    try {
      return Optional.of(new AppId(text));
    } catch (HarpException e) {
      return usage("--app: " + e.getMessage());
    }
  }

  private Optional<Duration> time(String text) {
    try {
      return Optional.of(Validity.parse(text));
    } catch (IllegalArgumentException e) {
      return usage("--ttl: found '" + text + "'; expected " + e.getMessage());
    }
  }

  private <T> Optional<T> usage(String mistake) {
    shell.err().println("harp: " + mistake);
    return Optional.empty();
  }
}
