// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.launcher.Progress;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.facts.ConfigurationCheck;
import io.github.harp.launcher.facts.Facts;
import io.github.harp.operations.Examination;
import io.github.harp.operations.doctor.Doctor;
import io.github.harp.operations.doctor.Doctors;
import io.github.harp.operations.outside.Outside;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.CertificateReport;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Finds out what is wrong. */
@Command(
    name = "doctor",
    description = {
      "Look for what is wrong, and say what to change.",
      "Asks the running gateway of this environment; without one it examines what it can.",
      "Exit code 0: all is well; 1: warnings; 2: something does not work."
    },
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {

  private final Shell shell;

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description = "Nextcloud's address in a browser, to see whether /exapps/ of it comes back.")
  private @Nullable String publicUrl;

  @Option(names = "--json", description = "Write findings as JSON.")
  private boolean json;

  public DoctorCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Examination examination;
    try (var progress = new Progress(shell, "looking at configuration, Nextcloud and ExApps")) {
      examination = examine(progress);
    }
    shell.out().print(json ? examination.toJson().encodePrettily() + "\n" : text(examination));
    shell.out().flush();
    return examination.exitCode();
  }

  private String text(Examination examination) {
    return examination
        .toText()
        .replaceAll("(?m)^\\[FAIL]", Paint.RED.on(shell, "[FAIL]"))
        .replaceAll("(?m)^\\[warn]", Paint.YELLOW.on(shell, "[warn]"))
        .replaceAll("(?m)^\\[ ok ]", Paint.GREEN.on(shell, "[ ok ]"));
  }

  private Examination examine(Progress progress) throws IOException, InterruptedException {
    Configuration configuration;
    try {
      configuration = Configuration.from(shell.environment(), Path.of("/"));
    } catch (ConfigurationException e) {
      return Doctors.forBroken(ConfigurationCheck.broken(e.mistakes())).examine(progress::at);
    }
    try (var outside = Outside.start()) {
      return examine(configuration, outside, progress);
    }
  }

  private Examination examine(Configuration configuration, Outside outside, Progress progress)
      throws IOException, InterruptedException {
    var facts = Facts.of(configuration);
    var certificates = certificates(configuration);
    var admin = configuration.listeners().admin();
    if (admin.isEmpty()) {
      return Doctors.forUnknown(facts, outside, certificates, "is off").examine(progress::at);
    }
    var gateway = new RunningGateway(admin.get(), configuration, outside);
    Optional<Doctor> doctor =
        gateway
            .look()
            .fold(
                ours -> Optional.empty(),
                stranger ->
                    Optional.of(
                        Doctors.forUnknown(
                            facts,
                            outside,
                            certificates,
                            admin.get() + " belongs to " + stranger.what())),
                nobody ->
                    Optional.of(Doctors.forStopped(facts, outside, certificates, admin.get())));
    return doctor.isPresent()
        ? doctor.get().examine(progress::at)
        : Examination.from(gateway.get("/doctor" + query()));
  }

  private String query() {
    return publicUrl == null
        ? ""
        : "?public_url=" + URLEncoder.encode(publicUrl, StandardCharsets.UTF_8);
  }

  /** Without a gateway the files are only looked at: the doctor changes nothing. */
  private static Optional<Supplier<CertificateReport>> certificates(Configuration configuration) {
    var folder = configuration.certificates().folder();
    return configuration.tunnels().tls() && Files.isDirectory(folder.resolve("frp"))
        ? Optional.of(() -> CertificateAuthority.inspect(folder, Clock.systemUTC()))
        : Optional.empty();
  }
}
