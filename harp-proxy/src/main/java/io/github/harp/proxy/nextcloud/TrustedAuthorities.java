// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate authorities that Nextcloud's certificate may be from: those of the Java runtime,
 * and those of the system's bundles, where administrators put their own.
 */
public final class TrustedAuthorities {

  private static final Logger LOG = LoggerFactory.getLogger(TrustedAuthorities.class);

  /** Where distributions keep what their update-ca command wrote. */
  private static final List<Path> SYSTEM_BUNDLES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/cert.pem"));

  private TrustedAuthorities() {}

  /**
   * The runtime's authorities and those of the first system bundle that there is, read when they
   * are first needed: that takes a third of a second, and an internal Nextcloud may have no TLS.
   */
  public static TrustOptions ofSystem() {
    return new LazyTrust(TrustedAuthorities::ofSystemNow);
  }

  private static TrustOptions ofSystemNow() {
    var bundle = SYSTEM_BUNDLES.stream().filter(Files::isReadable).findFirst();
    try {
      return and(bundle.stream().toList());
    } catch (IllegalArgumentException broken) {
      LOG.warn("{}; only the Java runtime's authorities are trusted", broken.getMessage());
      return and(List.of());
    }
  }

  /**
   * The runtime's authorities and those of some bundles.
   *
   * @param bundles PEM files with any number of certificates
   * @throws IllegalArgumentException when a bundle is not one, with its name
   */
  static TrustOptions and(List<Path> bundles) {
    return TrustOptions.wrap(managerOf(bundles));
  }

  private static X509TrustManager managerOf(List<Path> bundles) {
    var authorities = new ArrayList<Certificate>();
    try {
      authorities.addAll(Arrays.asList(managerFor(null).getAcceptedIssuers()));
      for (var bundle : bundles) {
        authorities.addAll(read(bundle));
      }
      return managerFor(storeOf(authorities));
    } catch (GeneralSecurityException | IOException failure) {
      throw new IllegalStateException("the runtime cannot build a trust store", failure);
    }
  }

  private static List<Certificate> read(Path bundle) {
    try (var in = Files.newInputStream(bundle)) {
      var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IllegalArgumentException(bundle + ": expected PEM certificates, found none");
      }
      return List.copyOf(certificates);
    } catch (GeneralSecurityException | IOException failure) {
      throw new IllegalArgumentException(
          bundle + ": expected PEM certificates, found something else", failure);
    }
  }

  private static KeyStore storeOf(List<Certificate> authorities)
      throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    return store;
  }

  private static X509TrustManager managerFor(@Nullable KeyStore store)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .findFirst()
        .orElseThrow(() -> new GeneralSecurityException("no X.509 trust manager"));
  }
}
