// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/**
 * TLS of tunnels, and between nodes: OpenSSL's (BoringSSL of netty-tcnative) where that is on the
 * class path and loads, else the JDK's. Both take the same time for a byte once the JVM has
 * compiled the JDK's. Until then that is slow enough for a crowd which comes after a start to keep
 * others waiting (docs/benchmarks.md).
 */
final class TunnelTls {

  static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /** With the suite first that Go, in which frp is written, prefers where AES is in hardware. */
  static final List<String> CIPHER_SUITES =
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

  /** Its entries cost nothing to put in and to take out, other than those of PKCS #12. */
  static final String KEY_STORE = "JKS";

  private TunnelTls() {}

  private static SslProvider provider() {
    return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
  }

  /**
   * The server's side.
   *
   * @param clients which of them are trusted
   */
  static SslContext server(Credential self, TrustManager clients) throws SSLException {
    return server(provider(), self, clients);
  }

  static SslContext server(SslProvider provider, Credential self, TrustManager clients)
      throws SSLException {
    return provider == SslProvider.JDK
        ? new JdkServerTls(self, clients)
        : openSsl(self).trustManager(clients).clientAuth(ClientAuth.REQUIRE).build();
  }

  /** For a server that asks its clients for no certificate. */
  static SslContext serverOfAnybody(Credential self) throws SSLException {
    return provider() == SslProvider.JDK ? new JdkServerTls(self) : openSsl(self).build();
  }

  private static SslContextBuilder openSsl(Credential self) {
    return SslContextBuilder.forServer(self.key(), self.certificate())
        .sslProvider(SslProvider.OPENSSL)
        .keyStoreType(KEY_STORE)
        .protocols(PROTOCOLS)
        .ciphers(CIPHER_SUITES);
  }

  /**
   * The client's side; make the engine for the name that the server's certificate must carry.
   *
   * @param authority whose servers are trusted
   */
  static SslContext client(Credential self, X509Certificate authority) throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(provider())
        .keyStoreType(KEY_STORE)
        .protocols(PROTOCOLS)
        .keyManager(self.key(), self.certificate())
        .trustManager(authority)
        .build();
  }
}
