// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SelfSignedCertificate;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedAuthoritiesTest {

  @TempDir Path folder;

  @Test
  void anAuthorityOfABundleIsTrustedBesideThoseOfTheRuntime() throws Exception {
    var certificate = SelfSignedCertificate.create("localhost");
    var trust = TrustedAuthorities.and(List.of(Path.of(certificate.certificatePath())));
    var vertx = Vertx.vertx();
    try {
      var nextcloud =
          new ScriptedNextcloud(
              vertx,
              new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
      nextcloud.answersJson(404, "{\"message\":\"ExApp not found\"}");
      var client =
          NextcloudClient.with(
              vertx,
              ScriptedNextcloud.names(vertx),
              NextcloudAddress.parse("https://localhost:" + nextcloud.port()),
              SharedKey.of("key"),
              trust);

      assertThat(client.exApp(new AppId("demo")).await(30, TimeUnit.SECONDS)).isEmpty();
      var manager = (X509TrustManager) trust.getTrustManagerFactory(vertx).getTrustManagers()[0];
      assertThat(manager.getAcceptedIssuers()).hasSizeGreaterThan(1);
    } finally {
      vertx.close().await();
      certificate.delete();
    }
  }

  @Test
  void theSystemsBundleIsReadWhereThereIsOne() throws Exception {
    var vertx = Vertx.vertx();
    try {
      var manager =
          (X509TrustManager)
              TrustedAuthorities.ofSystem().getTrustManagerFactory(vertx).getTrustManagers()[0];
      var bundle = Path.of("/etc/ssl/certs/ca-certificates.crt");
      assumeTrue(Files.isReadable(bundle), "no bundle of the system");
      try (var in = Files.newInputStream(bundle)) {
        var first = CertificateFactory.getInstance("X.509").generateCertificate(in);
        assertThat(manager.getAcceptedIssuers()).contains((X509Certificate) first);
      }
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void nothingIsReadForANextcloudWithoutTls() throws Exception {
    var asked = new AtomicInteger();
    var trust =
        new LazyTrust(
            () -> {
              asked.incrementAndGet();
              return TrustedAuthorities.and(List.of());
            });
    var certificate = SelfSignedCertificate.create("localhost");
    var vertx = Vertx.vertx();
    try {
      var plain = new ScriptedNextcloud(vertx);
      plain.answersJson(404, "{\"message\":\"ExApp not found\"}");
      assertThat(ask(vertx, plain.address(), trust)).isEmpty();
      assertThat(asked).hasValue(0);

      var secure =
          new ScriptedNextcloud(
              vertx,
              new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
      var address = NextcloudAddress.parse("https://localhost:" + secure.port());
      assertThatThrownBy(() -> ask(vertx, address, trust)).hasMessageContaining("TLS");
      assertThat(asked).hasValue(1);
    } finally {
      vertx.close().await();
      certificate.delete();
    }
  }

  private static Optional<ExApp> ask(Vertx vertx, NextcloudAddress address, TrustOptions trust)
      throws Exception {
    var key = SharedKey.of("key");
    return NextcloudClient.with(vertx, ScriptedNextcloud.names(vertx), address, key, trust)
        .exApp(new AppId("demo"))
        .await(30, TimeUnit.SECONDS);
  }

  @Test
  void aFileWithoutCertificatesIsRefusedByName() throws Exception {
    var empty = Files.writeString(folder.resolve("empty.pem"), "");
    var garbage = Files.writeString(folder.resolve("garbage.pem"), "nothing of the kind\n");

    for (var file : List.of(empty, garbage, folder.resolve("missing.pem"))) {
      assertThatThrownBy(() -> TrustedAuthorities.and(List.of(file)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(file.toString())
          .hasMessageContaining("expected PEM certificates");
    }
  }
}
