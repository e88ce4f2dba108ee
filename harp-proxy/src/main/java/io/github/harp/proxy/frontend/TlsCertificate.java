// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of the TLS listeners, read again when its file changes. A broken file leaves the
 * one in use, or none where it was broken from the start: a gateway has more to do than HTTPS.
 * Connections keep what they began with. Thread-safe.
 */
public final class TlsCertificate {

  private static final Logger LOG = LoggerFactory.getLogger(TlsCertificate.class);

  /** Costs a fraction of the JDK's own TLS (docs/benchmarks.md); not every platform has it. */
  private static final SslProvider PROVIDER =
      OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  /** Its entries cost nothing to put in and to take out, other than those of PKCS #12. */
  private static final String KEY_STORE = "JKS";

  private final Path file;
  private volatile @Nullable SslContext context;
  private List<FileTime> loadedVersion = List.of();

  private TlsCertificate(Path file) {
    this.file = file;
  }

  /** Reads the file for the first time; one that can't be used is an error in the log. */
  public static TlsCertificate load(Path file) {
    var certificate = new TlsCertificate(file);
    certificate.readAgain();
    return certificate;
  }

  /**
   * The certificates in such a file, the server's first.
   *
   * @throws IllegalArgumentException when it can't be used; the message says why
   */
  public static List<X509Certificate> chainIn(Path file) {
    try {
      return PemFile.read(file).chain();
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Null until the file can be used. */
  @Nullable SslContext context() {
    return context;
  }

  /**
   * Reads the file again.
   *
   * @return whether it is in use now
   */
  public synchronized boolean reload() {
    var isRead = readAgain();
    if (isRead) {
      LOG.info("certificate {} is in use for new connections", file);
    }
    return isRead;
  }

  private synchronized boolean readAgain() {
    loadedVersion = version();
    try {
      context = read(file);
      return true;
    } catch (IOException e) {
      LOG.error(
          context == null
              ? "HTTPS accepts nobody until its certificate is mended, which needs no restart: {}"
              : "the certificate in use stays: {}",
          e.getMessage());
      return false;
    }
  }

  /** The same when it, or the key beside it, has changed. */
  public synchronized boolean reloadIfChanged() {
    var version = version();
    return !version.isEmpty() && !version.equals(loadedVersion) && reload();
  }

  /** Empty while the file is not there, as between the two halves of a replacement. */
  private List<FileTime> version() {
    try {
      var key = PemFile.keyFile(file);
      return Files.exists(key)
          ? List.of(Files.getLastModifiedTime(file), Files.getLastModifiedTime(key))
          : List.of(Files.getLastModifiedTime(file));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static SslContext read(Path file) throws IOException {
    var pem = PemFile.read(file);
    return SslContextBuilder.forServer(pem.key(), pem.chain())
        .sslProvider(PROVIDER)
        .keyStoreType(KEY_STORE)
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .protocols("TLSv1.3", "TLSv1.2")
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1))
        .build();
  }
}
