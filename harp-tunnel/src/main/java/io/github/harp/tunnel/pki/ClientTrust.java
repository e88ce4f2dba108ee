// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which client certificates the server accepts: those of its authority. One of ours that is past
 * its end is accepted with a warning: it was never more than an entrance ticket shared by
 * everybody, the login's token is what authenticates, and refusing it would cut off every ExApp and
 * engine on the same day.
 */
final class ClientTrust extends X509ExtendedTrustManager {

  private static final Logger LOG = LoggerFactory.getLogger(ClientTrust.class);
  private static final Duration WARNING_INTERVAL = Duration.ofMinutes(10);
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  /** {@code X509_V_ERR_CERT_UNTRUSTED}: OpenSSL tells the client so, else of an inner error. */
  private static final int UNTRUSTED = 27;

  private final X509Certificate authority;
  private final X509ExtendedTrustManager strict;
  private final Clock clock;
  private volatile Instant nextWarning = Instant.EPOCH;

  ClientTrust(X509Certificate authority, Clock clock) {
    this.authority = authority;
    this.clock = clock;
    this.strict = trusting(authority);
  }

  /** Believes what this authority has signed, for as long as it says. */
  static X509ExtendedTrustManager trusting(X509Certificate authority) {
    try {
      var anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      anchors.setCertificateEntry("ca", authority);
      var factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(anchors);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new IllegalStateException("cannot trust " + authority.getSubjectX500Principal(), e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    try {
      strict.checkClientTrusted(chain, authType);
    } catch (CertificateException refused) {
      requireOursAndOnlyExpired(chain[0], refused);
    }
  }

  private void requireOursAndOnlyExpired(X509Certificate leaf, CertificateException refused)
      throws CertificateException {
    boolean onlyExpired =
        Credential.isExpired(leaf, clock.instant())
            && Credential.isSignedBy(leaf, authority)
            && isForClients(leaf);
    if (!onlyExpired) {
      throw new OpenSslCertificateException(refused.getMessage(), refused, UNTRUSTED);
    }
    warnNowAndThen(leaf);
  }

  /** Without multiplexing every user costs a handshake. */
  private void warnNowAndThen(X509Certificate leaf) {
    var now = clock.instant();
    if (now.isAfter(nextWarning)) {
      nextWarning = now.plus(WARNING_INTERVAL);
      LOG.warn(
          "a tunnel client uses a certificate that ended on {}: accepted, since it is of our"
              + " authority; give that client the current client.crt and client.key",
          leaf.getNotAfter().toInstant());
    }
  }

  private static boolean isForClients(X509Certificate leaf) throws CertificateException {
    List<String> purposes = leaf.getExtendedKeyUsage();
    return purposes == null || purposes.contains(CLIENT_AUTH);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("for clients only");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return strict.getAcceptedIssuers();
  }
}
