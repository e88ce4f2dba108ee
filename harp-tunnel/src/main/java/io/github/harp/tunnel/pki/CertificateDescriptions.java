// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.pki.stock.Credential;
import io.github.harp.tunnel.pki.stock.Leaf;
import io.github.harp.tunnel.pki.stock.PemFolder;
import io.github.harp.tunnel.pki.stock.Stock;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a {@link CertificateReport}, of a stock that is in use or of the files alone. */
final class CertificateDescriptions {

  private final PemFolder folder;
  private final List<CertificateReport.Entry> entries = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();

  private CertificateDescriptions(PemFolder folder) {
    this.folder = folder;
  }

  static CertificateReport of(PemFolder folder, Stock stock) {
    var descriptions = new CertificateDescriptions(folder);
    stock.findings().forEach(finding -> descriptions.findings.add(finding.text()));
    descriptions.add("ca.crt", "ca.key", stock.authority(), stock.authority());
    for (var leaf : Leaf.values()) {
      var credential = stock.of(leaf);
      if (credential != null) {
        descriptions.add(
            leaf.certificateFile(), leaf.keyFile(), credential.certificate(), stock.authority());
      }
    }
    return descriptions.report();
  }

  static CertificateReport of(PemFolder folder, Instant now) {
    var descriptions = new CertificateDescriptions(folder);
    var authority = descriptions.examine("ca.crt", "ca.key", null, now);
    for (var leaf : Leaf.values()) {
      descriptions.examine(leaf.certificateFile(), leaf.keyFile(), authority.orElse(null), now);
    }
    return descriptions.report();
  }

  private CertificateReport report() {
    return new CertificateReport(folder.path(), List.copyOf(entries), List.copyOf(findings));
  }

  /** Describes one certificate as it is on disk and looks whether its key is there and fits. */
  private Optional<X509Certificate> examine(
      String file, String keyFile, @Nullable X509Certificate authority, Instant now) {
    try {
      var certificate = folder.certificate(file);
      var key = folder.key(keyFile);
      if (certificate.isEmpty()) {
        findings.add(file + " is missing");
        return certificate;
      }
      add(file, keyFile, certificate.get(), authority == null ? certificate.get() : authority);
      if (key.isEmpty()) {
        findings.add(keyFile + " is missing");
      } else if (!Credential.belongTogether(key.get(), certificate.get())) {
        findings.add(keyFile + " does not belong to " + file);
      }
      if (Credential.isExpired(certificate.get(), now)) {
        findings.add(file + " ended on " + certificate.get().getNotAfter().toInstant());
      }
      return certificate;
    } catch (IOException e) {
      findings.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void add(
      String file, String keyFile, X509Certificate certificate, X509Certificate authority) {
    entries.add(
        new CertificateReport.Entry(
            file,
            certificate.getSubjectX500Principal().getName(),
            certificate.getIssuerX500Principal().getName(),
            certificate.getNotAfter().toInstant(),
            key(certificate.getPublicKey()),
            fingerprint(certificate),
            Credential.isSignedBy(certificate, authority)));
    var permissions = folder.permissions(keyFile).orElse("");
    if (permissions.length() == 9 && !permissions.endsWith("------")) {
      findings.add(
          "%s has permissions %s: others can read it; expected rw-------"
              .formatted(folder.file(keyFile), permissions));
    }
  }

  private static String key(PublicKey key) {
    if (key instanceof RSAPublicKey rsa) {
      return "RSA " + rsa.getModulus().bitLength();
    }
    if (key instanceof ECPublicKey ec) {
      return "EC " + ec.getParams().getOrder().bitLength();
    }
    return key.getAlgorithm();
  }

  private static String fingerprint(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
