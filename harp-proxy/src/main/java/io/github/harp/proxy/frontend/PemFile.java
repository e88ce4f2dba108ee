// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.core.HarpException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * A certificate chain and its private key from one PEM file, as HAProxy takes it: in any order of
 * key and chain, the key in PKCS#8, PKCS#1 or SEC1.
 *
 * @param chain the server's certificate first
 */
record PemFile(PrivateKey key, List<X509Certificate> chain) {

  private static final int MAX_BYTES = 1024 * 1024;

  /** Fails with a message that says what is wrong with the file. */
  static PemFile read(Path file) throws IOException {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + " is a folder: expected a PEM file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + " is longer than " + MAX_BYTES + " bytes: expected PEM");
      }
      try (var reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
        return parse(file, reader);
      }
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist: expected a PEM file", e);
    } catch (FileSystemException e) {
      throw new IOException(
          file + " can't be read (" + reason(e) + "): expected a PEM file that HaRP may read", e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " can't be used: " + HarpException.reasonOf(e), e);
    }
  }

  private static String reason(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    return failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason();
  }

  private static PemFile parse(Path file, Reader reader)
      throws IOException, GeneralSecurityException {
    var chain = new ArrayList<X509Certificate>();
    PrivateKey key = null;
    var parser = new PEMParser(reader);
    for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
      if (part instanceof X509CertificateHolder certificate) {
        chain.add(convert(certificate));
      } else {
        var found = privateKey(file, part);
        key = found == null ? key : found;
      }
    }
    if (chain.isEmpty() || key == null) {
      throw new IOException(
          file
              + " has "
              + chain.size()
              + " certificates and "
              + (key == null ? "no" : "a")
              + " private key: expected a chain and its key");
    }
    requirePair(file, key, chain.get(0));
    return new PemFile(key, List.copyOf(chain));
  }

  private static X509Certificate convert(X509CertificateHolder holder) throws CertificateException {
    return new JcaX509CertificateConverter().getCertificate(holder);
  }

  /** Null for parts that are neither key nor certificate, such as EC parameters. */
  private static @Nullable PrivateKey privateKey(Path file, Object part)
      throws IOException, GeneralSecurityException {
    if (part instanceof PEMEncryptedKeyPair || part instanceof PKCS8EncryptedPrivateKeyInfo) {
      throw new IOException(file + " has an encrypted private key: expected one without password");
    }
    PrivateKeyInfo info;
    if (part instanceof PEMKeyPair pair) {
      info = pair.getPrivateKeyInfo();
    } else if (part instanceof PrivateKeyInfo pkcs8) {
      info = pkcs8;
    } else {
      return null;
    }
    var algorithm = algorithm(file, info.getPrivateKeyAlgorithm().getAlgorithm());
    return KeyFactory.getInstance(algorithm)
        .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  private static String algorithm(Path file, ASN1ObjectIdentifier id) throws IOException {
    if (id.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return "RSA";
    }
    if (id.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return "EC";
    }
    if (id.equals(EdECObjectIdentifiers.id_Ed25519)) {
      return "Ed25519";
    }
    throw new IOException(file + " has a key of type " + id + ": expected RSA, EC or Ed25519");
  }

  private static void requirePair(Path file, PrivateKey key, X509Certificate certificate)
      throws IOException, GeneralSecurityException {
    var signer = Signature.getInstance(signatureFor(key.getAlgorithm()));
    var sample = "harp".getBytes(StandardCharsets.US_ASCII);
    signer.initSign(key);
    signer.update(sample);
    var signature = signer.sign();
    var verifier = Signature.getInstance(signatureFor(key.getAlgorithm()));
    boolean isPair;
    try {
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(sample);
      isPair = verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      isPair = false;
    }
    if (!isPair) {
      throw new IOException(
          file + " has a private key that is not the first certificate's: expected a pair");
    }
  }

  private static String signatureFor(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> "Ed25519";
    };
  }
}
