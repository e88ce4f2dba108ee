// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.tunnel.pki.CertificateReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The tunnels' certificates: dates, chain, permissions of the keys. */
record CertificatesCheck(Supplier<CertificateReport> report, Clock clock) implements Check {

  /** Time enough to carry files to remote engines. */
  private static final Duration SOON = Duration.ofDays(30);

  @Override
  public Stream<Finding> examine() {
    var described = report.get();
    var oddities =
        described.findings().stream()
            .map(
                oddity ->
                    Finding.warning(
                        oddity,
                        "clients may be refused, or somebody else may read a key",
                        "harp certs show lists the files in " + described.folder()));
    return Stream.concat(oddities, described.entries().stream().map(this::judge));
  }

  private Finding judge(CertificateReport.Entry entry) {
    var file = entry.file();
    if (!entry.signedByAuthority()) {
      return Finding.failure(
          file + " is signed by " + entry.issuer() + ", not by ca.crt",
          "tunnels with TLS are refused by one side or the other",
          "put the matching ca.crt and ca.key back, or remove "
              + file
              + " and its key: HaRP makes new ones from ca.crt");
    }
    var seen = file + " (" + entry.key() + ") is good until " + entry.notAfter();
    return switch (CertificateLife.at(clock.instant(), Instant.MIN, entry.notAfter(), SOON)) {
      case OVER ->
          Finding.failure(
              file + " has expired on " + entry.notAfter(),
              "new tunnels with TLS are refused",
              "harp certs renew, then copy the three files to remote engines (harp certs export)");
      case SOON_OVER ->
          Finding.warning(
              seen,
              "tunnels are refused after that day",
              "harp certs renew; remote engines need the new files, too");
      case NOT_YET, GOOD -> Finding.ok(seen);
    };
  }
}
