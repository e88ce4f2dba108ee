// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jcajce.provider.asymmetric.util.EC5Util;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes certificates: ECDSA P-256 keys, SHA-256, key identifiers so that verifiers find the issuer.
 */
public final class CertificateIssuer {

  static final X500Principal AUTHORITY_NAME = new X500Principal("CN=harp.nc");

  /** The authority is what clients have to be given by hand, so it outlives any installation. */
  public static final Duration AUTHORITY_VALIDITY = Duration.ofDays(30 * 365L);

  /** Peers whose clock is slow must not find a new certificate not yet valid. */
  private static final Duration BACKDATED = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Clock clock;
  private final Duration leafValidity;

  public CertificateIssuer(Clock clock, Duration leafValidity) {
    this.clock = clock;
    this.leafValidity = leafValidity;
  }

  public Credential newAuthority() {
    var keys = newKeys();
    return new Credential(
        keys.getPrivate(), authority(AUTHORITY_NAME, keys.getPublic(), keys.getPrivate()));
  }

  /**
   * The same authority with a later end: same key, same subject, so everything it has signed stays
   * good.
   */
  public X509Certificate authority(X500Principal subject, PublicKey publicKey, PrivateKey key) {
    try {
      var extensions = new JcaX509ExtensionUtils();
      var builder = builder(subject, subject, publicKey, clock.instant().plus(AUTHORITY_VALIDITY));
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              extensions.createSubjectKeyIdentifier(publicKey));
      return sign(builder, key);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A leaf with a key of its own, valid as long as configured but not longer than its authority.
   */
  public Credential leaf(Leaf leaf, X509Certificate authority, PrivateKey authorityKey) {
    return leaf(leaf.dnsName(), new ExtendedKeyUsage(leaf.purpose()), authority, authorityKey);
  }

  /** The same with a name and purposes that are not a client's or server's of tunnels. */
  public Credential leaf(
      String dnsName,
      ExtendedKeyUsage purposes,
      X509Certificate authority,
      PrivateKey authorityKey) {
    try {
      var keys = newKeys();
      var end = clock.instant().plus(leafValidity);
      var authorityEnd = authority.getNotAfter().toInstant();
      var builder =
          builder(
              authority.getSubjectX500Principal(),
              new X500Principal("CN=" + dnsName),
              keys.getPublic(),
              end.isBefore(authorityEnd) ? end : authorityEnd);
      var extensions = new JcaX509ExtensionUtils();
      // Of the authority the key identifier only: an issuer serial number would tie the leaf to one
      // issue of it.
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.extendedKeyUsage, false, purposes)
          .addExtension(
              Extension.subjectAlternativeName,
              false,
              new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              extensions.createSubjectKeyIdentifier(keys.getPublic()))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(authority.getPublicKey()));
      return new Credential(keys.getPrivate(), sign(builder, authorityKey));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private JcaX509v3CertificateBuilder builder(
      X500Principal issuer, X500Principal subject, PublicKey publicKey, Instant end) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(127, RANDOM).setBit(126),
        Date.from(clock.instant().minus(BACKDATED)),
        Date.from(end),
        subject,
        publicKey);
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      var signer = new JcaContentSignerBuilder(Credential.signatureAlgorithm(key)).build(key);
      var holder = builder.build(signer);
      return new JcaX509CertificateConverter().getCertificate(holder);
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static KeyPair newKeys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "this Java makes no ECDSA P-256 keys (module jdk.crypto.ec)", e);
    }
  }

  /** The public key that belongs to a private one, when its certificate is lost. */
  public static PublicKey publicKeyOf(PrivateKey key) throws GeneralSecurityException {
    if (key instanceof RSAPrivateCrtKey rsa) {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
    }
    if (key instanceof ECPrivateKey ec) {
      var point = EC5Util.convertSpec(ec.getParams()).getG().multiply(ec.getS()).normalize();
      var affine =
          new ECPoint(
              point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
      return KeyFactory.getInstance("EC")
          .generatePublic(new ECPublicKeySpec(affine, ec.getParams()));
    }
    throw new InvalidKeyException("a key of type " + key.getAlgorithm());
  }
}
