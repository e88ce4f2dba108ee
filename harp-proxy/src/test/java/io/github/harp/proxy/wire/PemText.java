// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Keys and certificates as they stand in PEM files. */
public final class PemText {

  private PemText() {}

  public static KeyPair keyPair(String algorithm) throws Exception {
    var generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
    return generator.generateKeyPair();
  }

  public static String certificate(KeyPair pair, String name) throws Exception {
    return certificate(pair, name, pair, name);
  }

  /** Signed by another. */
  public static String certificate(KeyPair pair, String name, KeyPair issuer, String issuerName)
      throws Exception {
    var algorithm = issuer.getPrivate().getAlgorithm().equals("RSA") ? "RSA" : "ECDSA";
    var holder =
        new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuerName),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(Instant.now().minusSeconds(60)),
                Date.from(Instant.now().plusSeconds(3600)),
                new X500Name("CN=" + name),
                pair.getPublic())
            .build(
                new JcaContentSignerBuilder("SHA256with" + algorithm).build(issuer.getPrivate()));
    return block("CERTIFICATE", holder.getEncoded());
  }

  public static String block(String type, byte[] der) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }

  public static String key(KeyPair pair, String format) throws Exception {
    var pkcs8 = pair.getPrivate().getEncoded();
    var inner = PrivateKeyInfo.getInstance(pkcs8).parsePrivateKey();
    return switch (format) {
      case "PKCS#8" -> block("PRIVATE KEY", pkcs8);
      case "PKCS#1" -> block("RSA PRIVATE KEY", inner.toASN1Primitive().getEncoded());
      case "SEC1" ->
          block(
              "EC PRIVATE KEY",
              new ECPrivateKey(
                      256,
                      ECPrivateKey.getInstance(inner).getKey(),
                      PrivateKeyInfo.getInstance(pkcs8).getPrivateKeyAlgorithm().getParameters())
                  .getEncoded());
      default -> throw new IllegalArgumentException(format);
    };
  }
}
