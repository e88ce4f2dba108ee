// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.operations.Check;
import io.github.harp.operations.Finding;
import io.github.harp.proxy.HarpProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The certificate of the HTTPS listeners: whether it can be used, until when, who may read it. */
final class HttpsCertificateCheck implements Check {

  private static final String NAME = "https certificate";
  private static final Duration SOON = Duration.ofDays(14);

  private final Path file;
  private final Clock clock;

  HttpsCertificateCheck(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    try {
      findings.add(judge(HarpProxy.certificatesIn(file)));
    } catch (IllegalArgumentException e) {
      return List.of(
          Finding.failure(
              NAME,
              String.valueOf(e.getMessage()),
              "HTTPS accepts nobody; a gateway that had a good one before keeps that until its next"
                  + " start",
              "cat fullchain.pem privkey.pem > "
                  + file
                  + ", the key without a password: HaRP takes it within seconds, without a"
                  + " restart"));
    }
    for (var each : List.of(file, file.resolveSibling(file.getFileName() + ".key"))) {
      if (othersMayRead(each)) {
        findings.add(
            Finding.warning(
                NAME,
                each + " may be read by every user of this host",
                "whoever has its private key can pretend to be this server",
                "chmod o-rwx " + each));
      }
    }
    return findings;
  }

  private Finding judge(List<X509Certificate> chain) {
    var certificate = chain.get(0);
    var now = clock.instant();
    var seen =
        "%s is for %s, good from %s until %s, with %d more in its chain"
            .formatted(
                file,
                certificate.getSubjectX500Principal().getName(),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                chain.size() - 1);
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      return Finding.failure(
          NAME, seen, "clients refuse it until then", "correct this host's clock, or wait");
    }
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      return Finding.failure(
          NAME,
          seen,
          "clients refuse it",
          "write a new one into the file: HaRP takes it within seconds, without a restart");
    }
    return now.plus(SOON).isAfter(certificate.getNotAfter().toInstant())
        ? Finding.warning(
            NAME,
            seen,
            "clients refuse it after that day",
            "write a new one into the file: HaRP takes it within seconds, without a restart")
        : Finding.ok(NAME, seen);
  }

  private static boolean othersMayRead(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      return permissions.contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException notKnown) {
      return false;
    }
  }
}
