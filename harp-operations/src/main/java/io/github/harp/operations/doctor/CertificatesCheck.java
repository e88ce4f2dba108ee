// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.operations.Check;
import io.github.harp.operations.Finding;
import io.github.harp.tunnel.pki.CertificateReport;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The tunnels' certificates: dates, chain, permissions of the keys. */
final class CertificatesCheck implements Check {

  private static final String NAME = "tunnel certificates";
  private static final Duration SOON = Duration.ofDays(30);

  private final Supplier<CertificateReport> report;
  private final Clock clock;

  CertificatesCheck(Supplier<CertificateReport> report, Clock clock) {
    this.report = report;
    this.clock = clock;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    var described = report.get();
    for (var finding : described.findings()) {
      findings.add(
          Finding.warning(
              NAME,
              finding,
              "clients may be refused, or somebody else may read a key",
              "harp certs show lists the files in " + described.folder()));
    }
    described.entries().forEach(entry -> findings.add(judge(entry)));
    return findings;
  }

  private Finding judge(CertificateReport.Entry entry) {
    var remaining = entry.remaining(clock.instant());
    var seen = entry.file() + " (" + entry.key() + ") is good until " + entry.notAfter();
    if (!entry.signedByAuthority()) {
      return Finding.failure(
          NAME,
          entry.file() + " is signed by " + entry.issuer() + ", not by ca.crt",
          "tunnels with TLS are refused by one side or the other",
          "put the matching ca.crt and ca.key back, or remove "
              + entry.file()
              + " and its key: HaRP makes new ones from ca.crt");
    }
    if (remaining.isNegative()) {
      return Finding.failure(
          NAME,
          entry.file() + " has expired on " + entry.notAfter(),
          "new tunnels with TLS are refused",
          "harp certs renew, then copy the three files to remote engines (harp certs export)");
    }
    return remaining.compareTo(SOON) < 0
        ? Finding.warning(
            NAME,
            seen,
            "tunnels are refused after that day",
            "harp certs renew; remote engines need the new files, too")
        : Finding.ok(NAME, seen);
  }
}
