// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.pki.PemFiles;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;

/**
 * A TLS context from PEM files, made anew at each call.
 *
 * <p>Without a CA nothing is verified. Then BouncyCastle does the handshake: the certificate that
 * frps makes for itself has an empty issuer, which the JDK refuses to parse even when nobody wants
 * to verify it.
 */
public record TlsFiles(Optional<Path> certificate, Optional<Path> key, Optional<Path> trustedCa)
    implements Callable<SslContext> {

  public TlsFiles {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          "a TLS certificate without its key, or a key without certificate; expected both or none");
    }
  }

  @Override
  public SslContext call() throws TunnelException {
    try {
      var builder =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2");
      if (certificate.isPresent() && key.isPresent()) {
        builder.keyManager(PemFiles.key(key.get()), PemFiles.certificates(certificate.get()));
      }
      if (trustedCa.isPresent()) {
        return builder.trustManager(PemFiles.certificates(trustedCa.get())).build();
      }
      return builder
          .sslContextProvider(new BouncyCastleJsseProvider(new BouncyCastleProvider()))
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null)
          .build();
    } catch (IOException e) {
      throw new TunnelException(Code.CONFIGURATION, "no TLS: " + e.getMessage(), e);
    }
  }
}
