// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A certificate with its private key. */
public record Credential(PrivateKey key, X509Certificate certificate) {

  /** Other hosts' clocks are a little ahead. */
  private static final Duration SOON = Duration.ofMinutes(10);

  /** Whether the key belongs to the certificate: signs something and verifies it. */
  public static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    try {
      var signature = Signature.getInstance(signatureAlgorithm(key));
      signature.initSign(key);
      signature.update((byte) 1);
      var proof = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update((byte) 1);
      return signature.verify(proof);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  static String signatureAlgorithm(PrivateKey key) {
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
  }

  public static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    if (!certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  public static byte[] digest(byte[] of) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(of);
  }

  /** The other names of its subject: those that servers are dialled by. */
  static List<String> names(X509Certificate certificate) {
    try {
      var names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream().map(name -> String.valueOf(name.get(1))).toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  public static boolean isExpired(X509Certificate certificate, Instant now) {
    return now.isAfter(certificate.getNotAfter().toInstant());
  }

  /**
   * Whether less is left than a third of its life, or than {@code atMost} if that is shorter; or it
   * does not begin soon, since the clock was wrong when it was made.
   */
  static boolean isAgeing(X509Certificate certificate, Instant now, Duration atMost) {
    var end = certificate.getNotAfter().toInstant();
    var begin = certificate.getNotBefore().toInstant();
    var third = Duration.between(begin, end).dividedBy(3);
    var margin = third.compareTo(atMost) < 0 ? third : atMost;
    return now.isBefore(begin.minus(SOON)) || now.isAfter(end.minus(margin));
  }
}
