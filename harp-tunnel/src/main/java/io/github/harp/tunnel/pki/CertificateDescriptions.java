// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Makes a {@link CertificateReport} of a stock and the permissions in its folder. */
final class CertificateDescriptions {

  private final PemFolder folder;
  private final Stock stock;
  private final List<String> findings;

  private CertificateDescriptions(PemFolder folder, Stock stock) {
    this.folder = folder;
    this.stock = stock;
    this.findings = new ArrayList<>(stock.findings());
  }

  static CertificateReport report(PemFolder folder, Stock stock) {
    return new CertificateDescriptions(folder, stock).report();
  }

  private CertificateReport report() {
    var entries = new ArrayList<CertificateReport.Entry>();
    entries.add(entry("ca.crt", "ca.key", stock.authority()));
    for (var leaf : Leaf.values()) {
      var credential = stock.of(leaf);
      if (credential != null) {
        entries.add(entry(leaf.certificateFile(), leaf.keyFile(), credential.certificate()));
      }
    }
    Path path = folder.path();
    return new CertificateReport(path, List.copyOf(entries), List.copyOf(findings));
  }

  private CertificateReport.Entry entry(String file, String keyFile, X509Certificate certificate) {
    return new CertificateReport.Entry(
        file,
        certificate.getSubjectX500Principal().getName(),
        certificate.getIssuerX500Principal().getName(),
        names(certificate),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant(),
        key(certificate.getPublicKey()),
        fingerprint(certificate),
        Credential.isSignedBy(certificate, stock.authority()),
        permissions(keyFile));
  }

  private String permissions(String keyFile) {
    var permissions = folder.permissions(keyFile).orElse("");
    if (permissions.length() == 9 && !permissions.endsWith("------")) {
      findings.add(
          "%s has permissions %s: others can read it; expected rw-------"
              .formatted(folder.file(keyFile), permissions));
    }
    return permissions;
  }

  private static List<String> names(X509Certificate certificate) {
    try {
      var names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream().map(name -> String.valueOf(name.get(1))).toList();
    } catch (CertificateParsingException e) {
      return List.of();
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
