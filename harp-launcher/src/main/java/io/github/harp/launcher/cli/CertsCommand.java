// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.core.EngineNumber;
import io.github.harp.launcher.ExitCode;
import io.github.harp.launcher.Progress;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.CertificateSettings;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.config.EngineExport;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.CertificateReport;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The certificates of tunnels, in {@code frp/} of the certificates' folder. */
@Command(
    name = "certs",
    description = "Look after the certificates that tunnels use.",
    mixinStandardHelpOptions = true)
final class CertsCommand {

  private final Shell shell;
  private final Clock clock;

  CertsCommand(Shell shell, Clock clock) {
    this.shell = shell;
    this.clock = clock;
  }

  @Command(
      description = "List the certificates, until when they are valid, and what to do about them.",
      mixinStandardHelpOptions = true)
  int show() throws ConfigurationException {
    var folder = CertificateSettings.from(shell.environment()).folder();
    var report = CertificateAuthority.inspect(folder, clock);
    shell.out().println(report.folder());
    report.entries().forEach(this::print);
    report.findings().forEach(finding -> shell.out().println("! " + finding));
    if (report.entries().isEmpty()) {
      shell
          .out()
          .println("HaRP makes what is missing when it starts, 'harp certs renew' does so now.");
    }
    return report.findings().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  @Command(
      description = {
        "Issue new server and client certificates from the same authority.",
        "A running gateway takes them at its next look or at SIGHUP."
      },
      mixinStandardHelpOptions = true)
  int renew() throws ConfigurationException, TunnelException {
    List<String> issued;
    try (var progress = new Progress(shell, "issuing certificates")) {
      issued = open().renewNow();
    }
    if (issued.isEmpty()) {
      shell.err().println("harp: nothing could be issued; 'harp certs show' says why");
      return ExitCode.FAILED;
    }
    issued.forEach(file -> shell.out().println("issued " + file));
    return ExitCode.OK;
  }

  @Command(
      description = {
        "Write a folder for a Docker host elsewhere: its certificates, frpc.toml and compose.yaml.",
        "The shared key is not in it. Run it where the gateway runs; in a container:",
        "docker exec harp harp certs export --engine-port 24001 --to - > harp-engine.tar"
      },
      mixinStandardHelpOptions = true)
  int export(
      @Option(
              names = "--engine-port",
              required = true,
              paramLabel = "PORT",
              description = "The engine's number, 24001 to 24099; each host has its own.")
          int enginePort,
      @Option(
              names = "--server",
              paramLabel = "HOST",
              description = {
                "Name or address at which that host reaches this gateway",
                "(default: the host of NC_INSTANCE_URL)."
              })
          Optional<String> server,
      @Option(
              names = "--server-port",
              paramLabel = "PORT",
              description = "The tunnels' port there (default: that of HP_FRP_ADDRESS).")
          Optional<Integer> serverPort,
      @Option(
              names = "--to",
              defaultValue = "harp-engine",
              paramLabel = "FOLDER",
              description = {
                "Where to write (default: ${DEFAULT-VALUE});",
                "- for a tar on standard output, where nothing can be written."
              })
          String target)
      throws ConfigurationException, IOException {
    if (!EngineNumber.isEngine(enginePort)) {
      return usage(
          "--engine-port: found %d; expected a number %s"
              .formatted(enginePort, EngineNumber.RANGE));
    }
    var host = server.or(this::hostOfNextcloud);
    if (host.isEmpty()) {
      return usage(
          "--server: found neither it nor a URL in NC_INSTANCE_URL; expected the name or address at"
              + " which that host reaches this one");
    }
    var port = serverPort.isPresent() ? serverPort.get() : tunnelPort();
    var engine = new EngineExport(host.get(), port, enginePort);
    var files = clientFiles(enginePort);
    if (target.equals("-")) {
      new TarStream(shell.bytes(), clock.instant()).write("harp-engine", engine.files(files));
    } else {
      write(Path.of(target), engine, files);
    }
    (target.equals("-") ? shell.err() : shell.out())
        .println(
            "wrote "
                + (target.equals("-") ? "a tar" : Path.of(target).toAbsolutePath())
                + "; it dials "
                + host.get()
                + ":"
                + port);
    return ExitCode.OK;
  }

  private int tunnelPort() throws ConfigurationException {
    return Configuration.tunnelListener(shell.environment()).port();
  }

  /** Those of the authority that the gateway has; to make another one here would help nobody. */
  private Map<String, String> clientFiles(int enginePort)
      throws ConfigurationException, IOException {
    try {
      return CertificateAuthority.clientFilesIn(
          CertificateSettings.from(shell.environment()).folder());
    } catch (IOException e) {
      throw new IOException(
          e.getMessage()
              + ".\n"
              + "Expected the files that the gateway made at its start. Run this where the gateway"
              + " runs, with its HP_CERTS_DIR and as its user; for a container:\n"
              + "docker exec harp harp certs export --engine-port "
              + enginePort
              + " --to - > harp-engine.tar",
          e);
    }
  }

  private static void write(Path target, EngineExport engine, Map<String, String> files)
      throws IOException {
    try {
      engine.write(target, files);
    } catch (FileSystemException e) {
      throw new IOException(
          "--to "
              + target
              + ": can't be written ("
              + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason())
              + "); expected a folder that may be written, or - for a tar on standard output",
          e);
    }
  }

  private int usage(String mistake) {
    shell.err().println("harp: " + mistake);
    return ExitCode.USAGE;
  }

  /** The gateway usually stands beside Nextcloud. */
  private Optional<String> hostOfNextcloud() {
    try {
      var url = shell.environment().getOrDefault("NC_INSTANCE_URL", "");
      return Optional.of(NextcloudAddress.parse(url).host());
    } catch (IllegalArgumentException notAUrl) {
      return Optional.empty();
    }
  }

  private CertificateAuthority open() throws ConfigurationException, TunnelException {
    var certificates = CertificateSettings.from(shell.environment());
    return CertificateAuthority.open(certificates.folder(), certificates.tunnelValidity(), clock);
  }

  private void print(CertificateReport.Entry entry) {
    shell
        .out()
        .printf(
            "%-11s valid until %s (%d days), %s, %s%s%n",
            entry.file(),
            LocalDate.ofInstant(entry.notAfter(), ZoneOffset.UTC),
            entry.remaining(clock.instant()).toDays(),
            entry.key(),
            entry.subject(),
            entry.signedByAuthority() ? "" : ", NOT signed by ca.crt");
    shell.out().printf("            sha256 %s%n", entry.sha256());
  }
}
