// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate chain and its private key as HAProxy takes them: from one PEM file in any order,
 * with whatever else is in it, or the key from a file beside it whose name has {@code .key} behind.
 *
 * <p>The server's certificate is the first one that a key fits to. What belongs to other chains is
 * left out.
 *
 * @param chain the server's certificate first
 */
record PemFile(PrivateKey key, List<X509Certificate> chain) {

  private static final byte[] SAMPLE = {'h', 'a', 'r', 'p'};

  /** Fails with a message that says what is wrong with which file. */
  static PemFile read(Path file) throws IOException {
    var parts = PemParts.read(file);
    if (parts.certificates().isEmpty()) {
      throw new IOException(
          file + ": found " + parts.described() + ", expected a chain and its private key in PEM");
    }
    if (parts.keys().isEmpty()) {
      return pairOf(file + " and " + keyFile(file), keysBeside(file, parts), parts.certificates());
    }
    return pairOf(file.toString(), parts.keys(), parts.certificates());
  }

  /** Where the key is when it is not in the file itself. */
  static Path keyFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".key");
  }

  private static List<PrivateKey> keysBeside(Path file, PemParts known) throws IOException {
    var beside = keyFile(file);
    if (!Files.exists(beside)) {
      throw new IOException(
          file
              + ": found "
              + known.described()
              + " and no file "
              + beside
              + ", expected a private key in one of them");
    }
    var parts = PemParts.read(beside);
    if (parts.keys().isEmpty()) {
      throw new IOException(
          beside
              + ": found "
              + parts.described()
              + ", expected the private key of the certificate in "
              + file);
    }
    return parts.keys();
  }

  private static PemFile pairOf(
      String where, List<PrivateKey> keys, List<X509Certificate> certificates) throws IOException {
    for (var certificate : certificates) {
      for (var key : keys) {
        if (isPair(key, certificate)) {
          return new PemFile(key, chainFrom(certificate, certificates));
        }
      }
    }
    throw new IOException(
        where
            + ": found no private key that belongs to a certificate, expected that of "
            + certificates.get(0).getSubjectX500Principal().getName());
  }

  /** With all that sign it, directly or not, in their order: one may be signed by several. */
  private static List<X509Certificate> chainFrom(
      X509Certificate server, List<X509Certificate> certificates) {
    var chain = new ArrayList<>(List.of(server));
    for (int i = 0; i < chain.size(); i++) {
      var issuer = chain.get(i).getIssuerX500Principal();
      for (var candidate : certificates) {
        if (candidate.getSubjectX500Principal().equals(issuer) && !chain.contains(candidate)) {
          chain.add(candidate);
        }
      }
    }
    return List.copyOf(chain);
  }

  private static boolean isPair(PrivateKey key, X509Certificate certificate) {
    try {
      var algorithm = Signature.getInstance(signatureFor(key));
      algorithm.initSign(key);
      algorithm.update(SAMPLE);
      var signature = algorithm.sign();
      algorithm.initVerify(certificate.getPublicKey());
      algorithm.update(SAMPLE);
      return algorithm.verify(signature);
    } catch (GeneralSecurityException notOfOneKind) {
      return false;
    }
  }

  private static String signatureFor(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> "Ed25519";
    };
  }
}
