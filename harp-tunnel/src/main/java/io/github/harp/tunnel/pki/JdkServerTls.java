// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;

/**
 * The server's side of TLS as the JDK makes it. Netty's own class for that reads all certificates
 * of public authorities on first use, of which a tunnel trusts none; that is a tenth of the time
 * that a gateway takes to start.
 */
final class JdkServerTls extends SslContext {

  private static final char[] NO_PASSWORD = {};

  private final SSLContext context;
  private final SSLParameters parameters = new SSLParameters();

  /**
   * Without the builder of Netty, which tries out on first use how the JDK treats RSA keys in PEM:
   * a quarter of the time that a gateway takes to start.
   *
   * @param clients which of them are trusted; none where they are not asked for a certificate
   */
  JdkServerTls(Credential server, TrustManager... clients) throws SSLException {
    try {
      var store = KeyStore.getInstance(TunnelTls.KEY_STORE);
      store.load(null, null);
      var chain = new Certificate[] {server.certificate()};
      store.setKeyEntry("server", server.key(), NO_PASSWORD, chain);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), clients, null);
    } catch (GeneralSecurityException | IOException e) {
      throw new SSLException(e);
    }
    parameters.setProtocols(TunnelTls.PROTOCOLS.toArray(String[]::new));
    parameters.setCipherSuites(TunnelTls.CIPHER_SUITES.toArray(String[]::new));
    parameters.setUseCipherSuitesOrder(true);
    parameters.setNeedClientAuth(clients.length > 0);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc) {
    return configured(context.createSSLEngine());
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
    return configured(context.createSSLEngine(peerHost, peerPort));
  }

  private SSLEngine configured(SSLEngine engine) {
    engine.setUseClientMode(false);
    engine.setSSLParameters(parameters);
    return engine;
  }

  @Override
  public boolean isClient() {
    return false;
  }

  @Override
  public List<String> cipherSuites() {
    return TunnelTls.CIPHER_SUITES;
  }

  @Override
  public SSLSessionContext sessionContext() {
    return context.getServerSessionContext();
  }

  @Override
  @SuppressWarnings("deprecation") // the signature that there is to implement
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return List::of;
  }
}
