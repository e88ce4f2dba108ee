// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.tunnel.pki.stock.CertificateIssuer;
import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import javax.net.ssl.SSLException;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * What servers show each other that share a secret. Each derives the same authority from it, and
 * has that sign a certificate with its name, which lives in memory only. So nothing has to be
 * brought to another server, and no client of a tunnel has such a certificate. Thread-safe.
 */
public final class NodeCertificates {

  /** So much more than the order of the curve that no key is likelier than another. */
  public static final int SECRET_BITS = 384;

  private static final X500Principal AUTHORITY = new X500Principal("CN=nodes.harp.nc");
  private static final String DOMAIN = ".nodes.harp.nc";
  private static final int NAME_BYTES = 16;

  /** Made once, by whatever clock there is then: another's may be far behind. */
  private static final Duration BACKDATED = Duration.ofDays(30);

  private final SslContext server;
  private final SslContext client;

  private NodeCertificates(SslContext server, SslContext client) {
    this.server = server;
    this.client = client;
  }

  /**
   * Those of one server.
   *
   * @param secret of {@link #SECRET_BITS}, which nobody can guess
   * @param node what the server is called by those who dial it
   */
  public static NodeCertificates of(byte[] secret, String node, Clock clock) {
    var issuer =
        new CertificateIssuer(
            Clock.offset(clock, BACKDATED.negated()), CertificateIssuer.AUTHORITY_VALIDITY);
    try {
      var key = authorityKey(secret);
      var authority = issuer.authority(AUTHORITY, CertificateIssuer.publicKeyOf(key), key);
      var both =
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth});
      var own = issuer.leaf(dnsName(node), both, authority, key);
      return new NodeCertificates(
          TunnelTls.server(own, ClientTrust.trusting(authority)), TunnelTls.client(own, authority));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no ECDSA P-256 (module jdk.crypto.ec)", e);
    } catch (SSLException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PrivateKey authorityKey(byte[] secret) throws GeneralSecurityException {
    if (secret.length * Byte.SIZE < SECRET_BITS) {
      throw new IllegalArgumentException(
          secret.length * Byte.SIZE + " bits of a secret; expected " + SECRET_BITS);
    }
    var parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    var curve = parameters.getParameterSpec(ECParameterSpec.class);
    var number =
        new BigInteger(1, secret)
            .mod(curve.getOrder().subtract(BigInteger.ONE))
            .add(BigInteger.ONE);
    return KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(number, curve));
  }

  /** A name may be anything; that of a certificate has to be one of the DNS. */
  private static String dnsName(String node) {
    try {
      var digest = Credential.digest(node.getBytes(UTF_8));
      return "n" + HexFormat.of().formatHex(digest, 0, NAME_BYTES) + DOMAIN;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }

  /** For a server that others dial: who has no certificate of the same authority is refused. */
  public SslContext server() {
    return server;
  }

  /** For a connection to the server of this name, and to no other. */
  public SslHandler dialling(String node, ByteBufAllocator alloc) {
    return client.newHandler(alloc, dnsName(node), 0);
  }
}
