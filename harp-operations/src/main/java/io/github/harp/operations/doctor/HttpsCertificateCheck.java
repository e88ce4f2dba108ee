// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.proxy.HarpProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The certificate of the HTTPS listeners: whether it can be used, until when, who may read it. */
record HttpsCertificateCheck(Path file, Clock clock) implements Check {

  /** Who renews by a program does so earlier. */
  private static final Duration SOON = Duration.ofDays(14);

  @Override
  public Stream<Finding> examine() {
    List<X509Certificate> chain;
    try {
      chain = HarpProxy.certificatesIn(file);
    } catch (IllegalArgumentException e) {
      return Stream.of(
          Finding.failure(
              String.valueOf(e.getMessage()),
              "HTTPS accepts nobody; a gateway that had a good one before keeps that until its next"
                  + " start",
              "cat fullchain.pem privkey.pem > "
                  + file
                  + ", the key without a password: HaRP takes it within seconds, without a"
                  + " restart"));
    }
    var readable =
        Stream.of(file, file.resolveSibling(file.getFileName() + ".key"))
            .filter(HttpsCertificateCheck::othersMayRead)
            .map(
                it ->
                    Finding.warning(
                        it + " may be read by every user of this host",
                        "whoever has its private key can pretend to be this server",
                        "chmod o-rwx " + it));
    return Stream.concat(Stream.of(judge(chain)), readable);
  }

  private Finding judge(List<X509Certificate> chain) {
    var certificate = chain.get(0);
    var from = certificate.getNotBefore().toInstant();
    var until = certificate.getNotAfter().toInstant();
    var subject = certificate.getSubjectX500Principal().getName();
    var seen =
        "%s is for %s, good from %s until %s, with %d more in its chain"
            .formatted(file, subject, from, until, chain.size() - 1);
    var renew = "write a new one into the file: HaRP takes it within seconds, without a restart";
    return switch (CertificateLife.at(clock.instant(), from, until, SOON)) {
      case NOT_YET ->
          Finding.failure(
              seen, "clients refuse it until then", "correct this host's clock, or wait");
      case OVER -> Finding.failure(seen, "clients refuse it", renew);
      case SOON_OVER -> Finding.warning(seen, "clients refuse it after that day", renew);
      case GOOD -> Finding.ok(seen);
    };
  }

  private static boolean othersMayRead(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException notKnown) {
      return false;
    }
  }
}
