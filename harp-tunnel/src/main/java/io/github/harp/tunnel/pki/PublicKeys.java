// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import org.bouncycastle.jcajce.provider.asymmetric.util.EC5Util;

/** Finds the public key that belongs to a private one, when its certificate is lost. */
final class PublicKeys {

  private PublicKeys() {}

  static PublicKey of(PrivateKey key) throws GeneralSecurityException {
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
