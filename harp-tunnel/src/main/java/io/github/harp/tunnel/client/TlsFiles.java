// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.pki.PemFiles;
import io.github.harp.tunnel.quic.QuicContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.jspecify.annotations.Nullable;

/**
 * A TLS context from PEM files; a new one when the files have changed. Thread-safe.
 *
 * <p>Without a CA nothing is verified. Then BouncyCastle does the handshake: the certificate that
 * frps makes for itself has an empty issuer, which the JDK refuses to parse even when nobody wants
 * to verify it.
 */
public final class TlsFiles implements Callable<SslContext> {

  private final Optional<Path> certificate;
  private final Optional<Path> key;
  private final Optional<Path> trustedCa;
  private final Maker maker;
  private List<String> versions = List.of();
  private @Nullable SslContext context;

  /** Makes a context of what is in the files. */
  @FunctionalInterface
  private interface Maker {
    SslContext make(TlsFiles files) throws IOException;
  }

  private TlsFiles(
      Optional<Path> certificate, Optional<Path> key, Optional<Path> trustedCa, Maker maker) {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          "a TLS certificate without its key, or a key without certificate; expected both or none");
    }
    this.certificate = certificate;
    this.key = key;
    this.trustedCa = trustedCa;
    this.maker = maker;
  }

  public static TlsFiles overTcp(
      Optional<Path> certificate, Optional<Path> key, Optional<Path> trustedCa) {
    return new TlsFiles(certificate, key, trustedCa, TlsFiles::build);
  }

  static TlsFiles overQuic(
      Optional<Path> certificate, Optional<Path> key, Optional<Path> trustedCa) {
    return new TlsFiles(certificate, key, trustedCa, TlsFiles::buildForQuic);
  }

  @Override
  public synchronized SslContext call() throws TunnelException {
    try {
      var found = currentVersions();
      if (context == null || !found.equals(versions)) {
        context = maker.make(this);
        versions = found;
      }
      return context;
    } catch (IOException e) {
      throw new TunnelException(Code.CONFIGURATION, "no TLS: " + e.getMessage(), e);
    }
  }

  private List<String> currentVersions() throws IOException {
    var found = new ArrayList<String>();
    for (var file : Stream.of(certificate, key, trustedCa).flatMap(Optional::stream).toList()) {
      if (!Files.exists(file)) {
        throw new IOException("there is no file " + file);
      }
      found.add(Files.getLastModifiedTime(file) + " " + Files.size(file));
    }
    return found;
  }

  private SslContext build() throws IOException {
    var builder =
        SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2");
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
  }

  private SslContext buildForQuic() throws IOException {
    return QuicContexts.client(
        key.isPresent() ? PemFiles.key(key.get()) : null,
        certificate.isPresent() ? List.of(PemFiles.certificates(certificate.get())) : List.of(),
        trustedCa.isPresent() ? List.of(PemFiles.certificates(trustedCa.get())) : List.of());
  }
}
