// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.operations.GatewayFacts;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.outside.ClockCheck;
import io.github.harp.operations.outside.ExAppsCheck;
import io.github.harp.operations.outside.HttpProbe;
import io.github.harp.operations.outside.NextcloudCheck;
import io.github.harp.operations.outside.Outside;
import io.github.harp.operations.outside.PortsCheck;
import io.github.harp.operations.outside.PortsCheck.Expectation;
import io.github.harp.operations.outside.PublicUrlCheck;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.tunnel.pki.CertificateReport;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Which checks there are for a gateway that runs, and for one that does not or can't be asked. */
public final class Doctors {

  private static final String SETTINGS = "configuration";
  private static final Clock CLOCK = Clock.systemUTC();

  private final Map<String, Check> checks = new LinkedHashMap<>();
  private final GatewayFacts facts;
  private final Outside outside;
  private final HttpProbe probe;

  private Doctors(GatewayFacts facts, Outside outside) {
    this.facts = facts;
    this.outside = outside;
    this.probe = new HttpProbe(outside, TrustedAuthorities.ofSystem());
  }

  /** All checks, from inside the process that serves. */
  public static Doctor forRunning(
      GatewayView gateway, Outside outside, Optional<String> publicUrl) {
    var doctors = new Doctors(gateway.facts().get(), outside);
    var nextclouds = gateway.nextclouds().get();
    var knownApps = new HashMap<InstanceName, AppId>();
    for (var each : nextclouds) {
      for (var exApp : each.instance().records().all()) {
        knownApps.put(each.facts().name(), exApp.id());
      }
    }
    doctors.addWhatNeedsNoGateway(
        Expectation.RUNNING, knownApps, gateway.tunnels().flatMap(TunnelView::certificates));
    doctors.addWhatAGatewayKnows(gateway, nextclouds, publicUrl);
    return new Doctor(doctors.checks);
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
        Finding.note(
            "no HaRP runs with these variables: nobody listens on " + admin.seenFromHere(),
            "only what can be seen without it is examined; start it and ask again about engines,"
                + " tunnels, ExApps, bans and the public address"),
        facts,
        outside,
        certificates,
        Expectation.STOPPED);
  }

  /**
   * What can be examined when a gateway may run, but can't be asked.
   *
   * @param why what its admin end-point's address is instead: {@code is off}, or {@code
   *     127.0.0.1:8200 belongs to another program}
   */
  public static Doctor forUnknown(
      GatewayFacts facts,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      String why) {
    return fromOutside(
        Finding.warning(
            "HP_ADMIN_ADDRESS " + why + ": the gateway can't be asked, if it runs",
            "nothing can be said about engines, tunnels, ExApps, bans and the public address; there"
                + " is no /metrics",
            "HP_ADMIN_ADDRESS=127.0.0.1:8201 or another free address, then restart HaRP. If it is a"
                + " HaRP with another key: run the doctor with the variables that HaRP runs with"),
        facts,
        outside,
        certificates,
        Expectation.UNKNOWN);
  }

  /** For settings that nothing can be started with. */
  public static Doctor forBroken(Check settings) {
    return new Doctor(Map.of(SETTINGS, settings));
  }

  private static Doctor fromOutside(
      Finding whyNotAsked,
      GatewayFacts facts,
      Outside outside,
      Optional<Supplier<CertificateReport>> certificates,
      Expectation expectation) {
    var doctors = new Doctors(facts, outside);
    doctors.checks.put("gateway", () -> Stream.of(whyNotAsked));
    doctors.addWhatNeedsNoGateway(expectation, Map.of(), certificates);
    return new Doctor(doctors.checks);
  }

  /**
   * @param knownApps an ExApp of each Nextcloud that has one
   */
  private void addWhatNeedsNoGateway(
      Expectation expectation,
      Map<InstanceName, AppId> knownApps,
      Optional<Supplier<CertificateReport>> certificates) {
    checks.put(SETTINGS, facts.settings().check());
    checks.put("ports", new PortsCheck(outside, facts.listeners().all(), expectation));
    checks.put("clock", new ClockCheck(probe, facts.first().url() + "/status.php", CLOCK));
    for (var each : facts.nextclouds()) {
      var knownApp = Optional.ofNullable(knownApps.get(each.name()));
      checks.put(("nextcloud " + each.name()).strip(), new NextcloudCheck(probe, each, knownApp));
    }
    facts
        .listeners()
        .httpsCertificate()
        .ifPresent(pem -> checks.put("https certificate", new HttpsCertificateCheck(pem, CLOCK)));
    certificates.ifPresent(
        report -> checks.put("tunnel certificates", new CertificatesCheck(report, CLOCK)));
  }

  private void addWhatAGatewayKnows(
      GatewayView gateway, List<GatewayView.Served> nextclouds, Optional<String> publicUrl) {
    var frontDoor = facts.listeners().frontDoor().seenFromHere().toString();
    publicUrl.ifPresent(
        url ->
            checks.put(
                "public address",
                new PublicUrlCheck(
                    probe,
                    gateway.memory().witness(),
                    url,
                    facts.listeners(),
                    facts.first().folder())));
    nextclouds.forEach(
        each -> checks.put(each.facts().name().mark("engines"), new EnginesCheck(each)));
    gateway
        .tunnels()
        .ifPresent(
            tunnels ->
                checks.put(
                    "tunnels",
                    new TunnelsCheck(
                        tunnels.status(), tunnels.refusedLogins(), facts.tunnelTls())));
    nextclouds.forEach(
        each ->
            checks.put(
                each.facts().name().mark("exapps"),
                new ExAppsCheck(probe, "http://" + frontDoor, each, gateway.memory().recent())));
    gateway.nodes().ifPresent(nodes -> checks.put("nodes", new NodesCheck(nodes)));
    checks.put("bans", new BansCheck(gateway.bans().get()));
  }
}
