// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What {@code certs show} and the doctor say about a folder of certificates.
 *
 * @param folder where the files are
 * @param entries authority, server and client, in this order; a missing client certificate is left
 *     out
 * @param findings what an administrator should know or do, in whole sentences; empty if all is well
 */
public record CertificateReport(Path folder, List<Entry> entries, List<String> findings) {

  /**
   * One certificate.
   *
   * @param file its name in the folder
   * @param key the kind and size of its key, such as {@code EC 256}
   * @param sha256 its fingerprint in lower-case hexadecimal digits
   * @param signedByAuthority whether it verifies with the authority's certificate
   */
  public record Entry(
      String file,
      String subject,
      String issuer,
      Instant notAfter,
      String key,
      String sha256,
      boolean signedByAuthority) {

    /** What is left of its life, negative after its end. */
    public Duration remaining(Instant now) {
      return Duration.between(now, notAfter);
    }
  }
}
