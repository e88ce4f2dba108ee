// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import io.github.harp.core.Engines;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.ban.BanList;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.ConfigurationException;
import io.github.harp.launcher.config.ListenAddress;
import io.github.harp.launcher.doctor.PortsCheck.Expectation;
import io.github.harp.launcher.tunnels.Way;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.pki.CertificateReport;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Which checks there are for a gateway that runs, for one that does not, and for one that can't.
 */
public final class Doctors {

  private Doctors() {}

  /**
   * What a running gateway lets the doctor look at.
   *
   * @param certificates empty when tunnels need no TLS
   */
  public record Patient(
      Configuration configuration,
      Optional<Supplier<CertificateReport>> certificates,
      Supplier<TunnelStatus> tunnels,
      RefusedLogins refusedLogins,
      Engines engines,
      ExAppRuntimes runtimes,
      Supplier<List<ExApp>> exApps,
      Function<ExApp, Way> ways,
      List<BanList> bans,
      NonceWitness witness) {}

  /** All checks, from inside the process that serves. */
  public static Doctor forRunning(Patient patient, Outside outside, Optional<String> publicUrl) {
    var configuration = patient.configuration();
    var probe = new HttpProbe(outside, TrustedAuthorities.ofSystem());
    var checks = new ArrayList<Check>();
    checks.add(ConfigurationCheck.of(configuration));
    checks.add(new PortsCheck(outside, listeners(configuration), Expectation.RUNNING));
    addNextcloudChecks(checks, probe, configuration, firstId(patient.exApps().get()));
    addHttpsCheck(checks, configuration);
    patient
        .certificates()
        .ifPresent(report -> checks.add(new CertificatesCheck(report, Clock.systemUTC())));
    publicUrl.ifPresent(
        url ->
            checks.add(
                new PublicUrlCheck(
                    probe,
                    patient.witness(),
                    url,
                    frontDoor(configuration).toString(),
                    configuration.nextcloudFolder(),
                    configuration.access().trustedProxies(),
                    patient.bans())));
    checks.add(
        new EnginesCheck(
            patient.engines(),
            patient.runtimes(),
            configuration.engines(),
            OwnContainer.id(),
            configuration.mounts()));
    checks.add(
        new TunnelsCheck(
            patient.tunnels(), patient.refusedLogins(), configuration.tunnels().tls()));
    checks.add(
        new ExAppsCheck(
            probe,
            patient.exApps()::get,
            "http://" + frontDoor(configuration),
            configuration.sharedKey().reveal(),
            patient.ways(),
            configuration.certificates().tunnelPorts()));
    checks.add(new BansCheck(patient.bans()));
    return new Doctor(checks);
  }

  /**
   * What can be examined without a gateway.
   *
   * @param certificates empty when tunnels need no TLS or there are no certificates yet
   */
  public static Doctor forStopped(
      Configuration configuration,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates) {
    var where =
        configuration.listeners().admin().map(it -> it.seenFromHere().toString()).orElse("");
    return fromOutside(
        configuration,
        outside,
        certificates,
        Expectation.STOPPED,
        List.of(NotAskedCheck.notRunning(where)));
  }

  /**
   * What can be examined when a gateway may run, but can't be asked.
   *
   * @param why what its admin end-point's address is instead
   */
  public static Doctor forUnknown(
      Configuration configuration,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      String why) {
    return fromOutside(
        configuration,
        outside,
        certificates,
        Expectation.UNKNOWN,
        List.of(NotAskedCheck.unknown(why)));
  }

  private static Doctor fromOutside(
      Configuration configuration,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      Expectation expectation,
      List<Check> first) {
    var checks = new ArrayList<>(first);
    checks.add(ConfigurationCheck.of(configuration));
    checks.add(new PortsCheck(outside, listeners(configuration), expectation));
    var probe = new HttpProbe(outside, TrustedAuthorities.ofSystem());
    addNextcloudChecks(checks, probe, configuration, Optional.empty());
    addHttpsCheck(checks, configuration);
    certificates.ifPresent(report -> checks.add(new CertificatesCheck(report, Clock.systemUTC())));
    return new Doctor(checks);
  }

  /** What can be said about a configuration that nothing can be started with. */
  public static Doctor forBroken(ConfigurationException mistakes) {
    return new Doctor(List.of(ConfigurationCheck.broken(mistakes.mistakes())));
  }

  private static void addHttpsCheck(List<Check> checks, Configuration configuration) {
    var pem = configuration.certificates().tlsPem();
    if (Files.exists(pem)) {
      checks.add(new HttpsCertificateCheck(pem, Clock.systemUTC()));
    }
  }

  private static void addNextcloudChecks(
      List<Check> checks, HttpProbe probe, Configuration configuration, Optional<String> knownApp) {
    var url = configuration.nextcloudUrl();
    checks.add(new ClockCheck(probe, url + "/status.php", Clock.systemUTC()));
    checks.add(new NextcloudCheck(probe, url, configuration.sharedKey(), knownApp));
  }

  private static Optional<String> firstId(Collection<ExApp> exApps) {
    return exApps.stream().map(ExApp::id).findFirst();
  }

  private static ListenAddress frontDoor(Configuration configuration) {
    return configuration.listeners().exApps().get(0).seenFromHere();
  }

  private static Map<String, ListenAddress> listeners(Configuration configuration) {
    var listeners = new LinkedHashMap<String, ListenAddress>();
    listeners.put("HP_EXAPPS_ADDRESS", configuration.listeners().exApps().get(0));
    if (Files.exists(configuration.certificates().tlsPem())) {
      listeners.put("HP_EXAPPS_HTTPS_ADDRESS", configuration.listeners().exAppsTls().get(0));
    }
    listeners.put("HP_FRP_ADDRESS", configuration.listeners().frp());
    configuration.listeners().admin().ifPresent(it -> listeners.put("HP_ADMIN_ADDRESS", it));
    return listeners;
  }
}
