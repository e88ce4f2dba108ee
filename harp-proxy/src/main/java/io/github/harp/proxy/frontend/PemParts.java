// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import static io.github.harp.core.HarpException.reasonOf;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
import org.bouncycastle.openssl.X509TrustedCertificateBlock;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * The certificates and private keys in a PEM file, in their order. Comments, parameters of keys and
 * of Diffie-Hellman and whatever else such files hold are skipped, not understood.
 *
 * @param keys in PKCS#8, PKCS#1 or SEC1
 * @param badKeys why others can't be used
 * @param others what else is in the file, by its PEM label
 */
record PemParts(
    List<X509Certificate> certificates,
    List<PrivateKey> keys,
    List<String> badKeys,
    List<String> others) {

  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_PARTS = 200;
  private static final Set<String> CERTIFICATES =
      Set.of("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");

  PemParts {
    certificates = List.copyOf(certificates);
    keys = List.copyOf(keys);
    badKeys = List.copyOf(badKeys);
    others = List.copyOf(others);
  }

  /** What is in the file, for a message. */
  String described() {
    var found = new ArrayList<>(others);
    found.addAll(badKeys);
    keys.forEach(key -> found.add("PRIVATE KEY"));
    certificates.forEach(certificate -> found.add("CERTIFICATE"));
    return found.isEmpty() ? "nothing in PEM" : String.join(", ", found);
  }

  static PemParts read(Path file) throws IOException {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + " is a folder: expected a PEM file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + " is longer than " + MAX_BYTES + " bytes: expected PEM");
      }
      return parse(file, Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist: expected a PEM file", e);
    } catch (FileSystemException e) {
      throw new IOException(
          file + " can't be read (" + reason(e) + "): expected a PEM file that HaRP may read", e);
    }
  }

  private static String reason(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    return failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason();
  }

  private static PemParts parse(Path file, String text) throws IOException {
    var certificates = new ArrayList<X509Certificate>();
    var keys = new ArrayList<PrivateKey>();
    var badKeys = new ArrayList<String>();
    var others = new ArrayList<String>();
    var reader = new PemReader(new StringReader(text));
    for (int number = 1; number <= MAX_PARTS; number++) {
      var label = "";
      try {
        var part = reader.readPemObject();
        if (part == null) {
          return new PemParts(certificates, keys, badKeys, others);
        }
        label = part.getType();
        if (CERTIFICATES.contains(label)) {
          certificates.add(certificate(part));
        } else if (label.endsWith("PRIVATE KEY")) {
          addKey(part, keys, badKeys);
        } else {
          others.add(label);
        }
      } catch (IOException | GeneralSecurityException | RuntimeException e) {
        throw new IOException(
            "%s can't be used: part %d, %s: %s"
                .formatted(file, number, label.isEmpty() ? "which is not PEM" : label, reasonOf(e)),
            e);
      }
    }
    throw new IOException(
        file + " has more than " + MAX_PARTS + " parts: expected a chain and its private key");
  }

  private static X509Certificate certificate(PemObject part)
      throws IOException, GeneralSecurityException {
    var object = understood(part);
    var holder =
        object instanceof X509TrustedCertificateBlock trusted
            ? trusted.getCertificateHolder()
            : (X509CertificateHolder) object;
    return new JcaX509CertificateConverter().getCertificate(holder);
  }

  /** Another one may be the one that is needed. */
  private static void addKey(PemObject part, List<PrivateKey> keys, List<String> badKeys) {
    try {
      keys.add(privateKey(part));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      badKeys.add(part.getType() + " (" + reasonOf(e) + ")");
    }
  }

  private static PrivateKey privateKey(PemObject part)
      throws IOException, GeneralSecurityException {
    var object = understood(part);
    if (object instanceof PEMEncryptedKeyPair || object instanceof PKCS8EncryptedPrivateKeyInfo) {
      throw new IOException("it is encrypted, expected one without a password");
    }
    var info =
        object instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : (PrivateKeyInfo) object;
    return KeyFactory.getInstance(algorithm(info.getPrivateKeyAlgorithm().getAlgorithm()))
        .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  /** BouncyCastle's parser fails on labels that it does not know, so it gets to see the others. */
  private static Object understood(PemObject part) throws IOException {
    var text = new StringWriter();
    try (var writer = new PemWriter(text)) {
      writer.writeObject(part);
    }
    try (var parser = new PEMParser(new StringReader(text.toString()))) {
      return parser.readObject();
    }
  }

  private static String algorithm(ASN1ObjectIdentifier id) throws IOException {
    if (id.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return "RSA";
    }
    if (id.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return "EC";
    }
    if (id.equals(EdECObjectIdentifiers.id_Ed25519)) {
      return "Ed25519";
    }
    throw new IOException("it is of type " + id + ", expected RSA, EC or Ed25519");
  }
}
