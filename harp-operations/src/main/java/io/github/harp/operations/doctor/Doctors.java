// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.ExApp;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.operations.Check;
import io.github.harp.operations.GatewayFacts;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.Way;
import io.github.harp.operations.doctor.PortsCheck.Expectation;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.tunnel.pki.CertificateReport;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Which checks there are for a gateway that runs, and for one that does not or can't be asked. */
public final class Doctors {

  private Doctors() {}

  /** All checks, from inside the process that serves. */
  public static Doctor forRunning(
      GatewayView gateway, Outside outside, Optional<String> publicUrl) {
    var facts = gateway.facts().get();
    var probe = new HttpProbe(outside, TrustedAuthorities.ofSystem());
    var checks = new ArrayList<Check>();
    checks.add(facts.check());
    checks.add(new PortsCheck(outside, facts.listeners(), Expectation.RUNNING));
    addNextcloudChecks(checks, probe, facts, firstId(gateway.exApps().get()));
    addHttpsCheck(checks, facts);
    addCertificatesCheck(checks, gateway.tunnels().flatMap(TunnelView::certificates));
    publicUrl.ifPresent(
        url ->
            checks.add(
                new PublicUrlCheck(
                    probe,
                    gateway.witness(),
                    url,
                    frontDoor(facts).toString(),
                    facts.nextcloudFolder(),
                    facts.trustedProxies(),
                    gateway.bans())));
    checks.add(
        new EnginesCheck(
            gateway.engines(),
            gateway.runtimes(),
            facts.engines(),
            OwnContainer.id(),
            facts.mounts()));
    gateway
        .tunnels()
        .ifPresent(
            tunnels ->
                checks.add(
                    new TunnelsCheck(
                        tunnels.status(), tunnels.refusedLogins(), facts.tunnelTls())));
    checks.add(
        new ExAppsCheck(
            probe,
            gateway.exApps()::get,
            "http://" + frontDoor(facts),
            facts.sharedKey().reveal(),
            gateway.tunnels().map(TunnelView::ways).orElse(exApp -> Way.DIRECT),
            facts.tunnelPorts()));
    checks.add(new BansCheck(gateway.bans()));
    return new Doctor(checks);
  }

  /**
   * What can be examined without a gateway.
   *
   * @param admin where its admin end-point would be
   * @param certificates empty when tunnels need no TLS or there are no certificates yet
   */
  public static Doctor forStopped(
      GatewayFacts facts,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      ListenAddress admin) {
    return fromOutside(
        NotAskedCheck.notRunning(admin.seenFromHere().toString()),
        facts,
        outside,
        certificates,
        Expectation.STOPPED);
  }

  /**
   * What can be examined when a gateway may run, but can't be asked.
   *
   * @param why what its admin end-point's address is instead
   */
  public static Doctor forUnknown(
      GatewayFacts facts,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      String why) {
    return fromOutside(
        NotAskedCheck.unknown(why), facts, outside, certificates, Expectation.UNKNOWN);
  }

  private static Doctor fromOutside(
      Check first,
      GatewayFacts facts,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      Expectation expectation) {
    var checks = new ArrayList<Check>();
    checks.add(first);
    checks.add(facts.check());
    checks.add(new PortsCheck(outside, facts.listeners(), expectation));
    var probe = new HttpProbe(outside, TrustedAuthorities.ofSystem());
    addNextcloudChecks(checks, probe, facts, Optional.empty());
    addHttpsCheck(checks, facts);
    addCertificatesCheck(checks, certificates);
    return new Doctor(checks);
  }

  private static void addHttpsCheck(List<Check> checks, GatewayFacts facts) {
    facts
        .httpsCertificate()
        .ifPresent(pem -> checks.add(new HttpsCertificateCheck(pem, Clock.systemUTC())));
  }

  private static void addCertificatesCheck(
      List<Check> checks, Optional<Supplier<CertificateReport>> certificates) {
    certificates.ifPresent(report -> checks.add(new CertificatesCheck(report, Clock.systemUTC())));
  }

  private static void addNextcloudChecks(
      List<Check> checks, HttpProbe probe, GatewayFacts facts, Optional<String> knownApp) {
    var url = facts.nextcloudUrl();
    checks.add(new ClockCheck(probe, url + "/status.php", Clock.systemUTC()));
    checks.add(new NextcloudCheck(probe, url, facts.sharedKey(), knownApp));
  }

  private static Optional<String> firstId(Collection<ExApp> exApps) {
    return exApps.stream().map(ExApp::id).findFirst();
  }

  private static ListenAddress frontDoor(GatewayFacts facts) {
    return facts.frontDoor().seenFromHere();
  }
}
