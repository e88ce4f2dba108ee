// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.pki.stock.Credential;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/**
 * TLS of tunnels, and between nodes: OpenSSL's (BoringSSL of netty-tcnative) where that is on the
 * class path and loads, else the JDK's. A small request costs the same with both once the JVM has
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

  /**
   * What a client's certificates may take, which is also what BoringSSL keeps of any other message:
   * 100,000 bytes of them else, of each that has begun to send some.
   */
  private static final int MOST_BYTES_OF_CERTIFICATES = 16 * 1024;

  private static final int MOST_BITS_OF_CURVES = 384;
  private static final int MOST_BITS_OF_RSA = 8192;

  private TunnelTls() {}

  /** BoringSSL takes no other keys of peers; an administrator may have brought some. */
  private static SslProvider providerFor(X509Certificate... certificates) {
    return OpenSsl.isAvailable() && Stream.of(certificates).allMatch(TunnelTls::isForOpenSsl)
        ? SslProvider.OPENSSL
        : SslProvider.JDK;
  }

  private static boolean isForOpenSsl(X509Certificate certificate) {
    var key = certificate.getPublicKey();
    if (key instanceof ECKey curve) {
      return curve.getParams().getCurve().getField().getFieldSize() <= MOST_BITS_OF_CURVES;
    }
    return key instanceof RSAKey rsa && rsa.getModulus().bitLength() <= MOST_BITS_OF_RSA;
  }

  /**
   * The server's side.
   *
   * @param clients which of them are trusted
   * @param shown certificates that clients are known to have
   */
  static SslContext server(Credential self, TrustManager clients, X509Certificate... shown)
      throws SSLException {
    var all = Stream.concat(Stream.of(self.certificate()), Stream.of(shown));
    return server(providerFor(all.toArray(X509Certificate[]::new)), self, clients);
  }

  static SslContext server(SslProvider provider, Credential self, TrustManager clients)
      throws SSLException {
    return provider == SslProvider.JDK
        ? new JdkServerTls(self, clients)
        : openSsl(
            builder(self)
                .trustManager(clients)
                .clientAuth(ClientAuth.REQUIRE)
                .option(
                    OpenSslContextOption.MAX_CERTIFICATE_LIST_BYTES, MOST_BYTES_OF_CERTIFICATES));
  }

  /** For a server that asks its clients for no certificate. */
  static SslContext serverOfAnybody(Credential self) throws SSLException {
    return providerFor(self.certificate()) == SslProvider.JDK
        ? new JdkServerTls(self)
        : openSsl(builder(self));
  }

  private static SslContextBuilder builder(Credential self) {
    return SslContextBuilder.forServer(self.key(), self.certificate())
        .keyStoreType(KEY_STORE)
        .protocols(PROTOCOLS)
        .ciphers(CIPHER_SUITES);
  }

  /** Without memory of sessions: of 20,480, with all that each client has shown. */
  private static SslContext openSsl(SslContextBuilder builder) throws SSLException {
    var context = builder.sslProvider(SslProvider.OPENSSL).build();
    ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
    return context;
  }

  /**
   * The client's side; make the engine for the name that the server's certificate must carry.
   *
   * @param authority whose servers are trusted
   */
  static SslContext client(Credential self, X509Certificate authority) throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(providerFor(self.certificate(), authority))
        .keyStoreType(KEY_STORE)
        .protocols(PROTOCOLS)
        .keyManager(self.key(), self.certificate())
        .trustManager(authority)
        .build();
  }
}
