// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/** Makes TLS contexts of certificates that are in memory. */
final class TlsContexts {

  /** Its entries cost nothing to put in and to take out, other than those of PKCS #12. */
  private static final String KEY_STORE = "JKS";

  static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
  private static final char[] NO_PASSWORD = {};

  private TlsContexts() {}

  /**
   * For a server. Without the builder of Netty, which tries out on first use how the JDK treats RSA
   * keys in PEM: a quarter of the time that a gateway takes to start.
   *
   * @param trust who is trusted; none where clients are not asked for a certificate
   */
  static SslContext server(Credential server, ClientAuth clientAuth, TrustManager... trust)
      throws SSLException {
    try {
      var store = KeyStore.getInstance(KEY_STORE);
      store.load(null, null);
      var chain = new Certificate[] {server.certificate()};
      store.setKeyEntry("server", server.key(), NO_PASSWORD, chain);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust, null);
      return new ServerEngines(context, clientAuth);
    } catch (GeneralSecurityException | IOException e) {
      throw new SSLException(e);
    }
  }

  /** For a client that trusts servers of one authority. */
  static SslContext client(Credential client, X509Certificate authority) throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .protocols(PROTOCOLS)
        .keyStoreType(KEY_STORE)
        .keyManager(client.key(), client.certificate())
        .trustManager(authority)
        .build();
  }
}
