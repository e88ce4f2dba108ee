// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

/**
 * The server's side of TLS as the JDK makes it. Netty's own class for that reads all certificates
 * of public authorities on first use, of which a tunnel trusts none; that is a tenth of the time
 * that a gateway takes to start.
 */
final class ServerEngines extends SslContext {

  /** With the suite first that Go, in which frp is written, prefers where AES is in hardware. */
  private static final List<String> CIPHER_SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final SSLContext context;
  private final SSLParameters parameters = new SSLParameters();

  ServerEngines(SSLContext context, ClientAuth clientAuth) {
    this.context = context;
    parameters.setProtocols(TlsContexts.PROTOCOLS.toArray(String[]::new));
    parameters.setCipherSuites(CIPHER_SUITES.toArray(String[]::new));
    parameters.setUseCipherSuitesOrder(true);
    switch (clientAuth) {
      case REQUIRE -> parameters.setNeedClientAuth(true);
      case OPTIONAL -> parameters.setWantClientAuth(true);
      case NONE -> parameters.setNeedClientAuth(false);
    }
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
    return CIPHER_SUITES;
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
