// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.pki.stock.CertificateIssuer;
import io.github.harp.tunnel.pki.stock.Credential;
import io.github.harp.tunnel.pki.stock.Leaf;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's side of TLS is the same, whichever library makes it. */
class TunnelTlsTest {

  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  private @interface WithEitherLibrary {}

  private static final Clock NOW = Clock.systemUTC();
  private static final Duration YEAR = Duration.ofDays(365);

  private final Credential authority = issuer(NOW).newAuthority();

  @Test
  void isMadeByOpenSslWhereItLoads() throws Exception {
    assertThat(OpenSsl.isAvailable()).as(() -> "" + OpenSsl.unavailabilityCause()).isTrue();

    assertThat(TunnelTls.server(self(), clients())).isInstanceOf(OpenSslContext.class);
    assertThat(TunnelTls.serverOfAnybody(self())).isInstanceOf(OpenSslContext.class);
    assertThat(TunnelTls.client(self(), authority.certificate()))
        .isInstanceOf(OpenSslContext.class);
  }

  @WithEitherLibrary
  void aClientOfTheAuthorityComesInByTls13AndTheSuiteThatGoPrefers(SslProvider provider)
      throws Exception {
    var session = Handshake.between(server(provider), ofAuthority().build(), "harp.nc");

    assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
    assertThat(session.getCipherSuite()).isEqualTo("TLS_AES_128_GCM_SHA256");
    assertThat(session.getPeerCertificates()).hasSize(1);
  }

  @WithEitherLibrary
  void theServerChoosesAmongTheSuitesOfTls12(SslProvider provider) throws Exception {
    var client =
        ofAuthority()
            .protocols("TLSv1.2")
            .ciphers(
                List.of(
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
            .build();

    assertThat(Handshake.between(server(provider), client, "harp.nc").getCipherSuite())
        .isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  }

  @WithEitherLibrary
  void aSuiteWithoutAuthenticatedEncryptionIsNotSpoken(SslProvider provider) throws Exception {
    var client =
        ofAuthority()
            .protocols("TLSv1.2")
            .ciphers(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"))
            .build();

    assertThat(Handshake.failure(server(provider), client, "harp.nc")).isNotNull();
  }

  @WithEitherLibrary
  void whoShowsNoCertificateIsRefused(SslProvider provider) throws Exception {
    for (var version : List.of("TLSv1.3", "TLSv1.2")) {
      var client = trustingAll().protocols(version).build();

      assertThat(Handshake.failure(server(provider), client, "harp.nc"))
          .as(version)
          .isNotNull()
          .message()
          .containsIgnoringCase("certificate");
    }
  }

  @WithEitherLibrary
  void whoseCertificateIsOfAnotherAuthorityIsRefusedForThat(SslProvider provider) throws Exception {
    var other = issuer(NOW).newAuthority();
    var theirs = issuer(NOW).leaf(Leaf.CLIENT, other.certificate(), other.key());
    var client = trustingAll().keyManager(theirs.key(), theirs.certificate()).build();

    assertThat(Handshake.failure(server(provider), client, "harp.nc"))
        .extracting(TunnelTlsTest::deepest, InstanceOfAssertFactories.THROWABLE)
        .isInstanceOf(GeneralSecurityException.class);
  }

  @WithEitherLibrary
  @DisplayName(
      "decision 28: a client certificate of ours that has ended is accepted, the token"
          + " authenticates")
  void anEndedClientCertificateOfOursIsAccepted(SslProvider provider) throws Exception {
    var longAgo = issuer(Clock.offset(NOW, YEAR.multipliedBy(-2)));
    var ended = longAgo.leaf(Leaf.CLIENT, authority.certificate(), authority.key());
    assertThat(ended.certificate().getNotAfter()).isBefore(Date.from(NOW.instant()));
    var client = trustingAll().keyManager(ended.key(), ended.certificate()).build();

    assertThat(Handshake.failure(server(provider), client, "harp.nc")).isNull();
  }

  @WithEitherLibrary
  void aLongChainIsNotReadToItsEnd(SslProvider provider) throws Exception {
    var self = client();
    for (var version : List.of("TLSv1.3", "TLSv1.2")) {
      assertThat(Handshake.failure(server(provider), showing(self, 4, version), "harp.nc"))
          .as(version)
          .isNull();
      assertThat(Handshake.failure(server(provider), showing(self, 60, version), "harp.nc"))
          .as(version)
          .isNotNull();
    }
  }

  private SslContext showing(Credential self, int certificates, String version) throws Exception {
    var chain = new X509Certificate[certificates];
    Arrays.fill(chain, authority.certificate());
    chain[0] = self.certificate();
    return trustingAll()
        .keyStoreType(TunnelTls.KEY_STORE)
        .keyManager(self.key(), chain)
        .protocols(version)
        .build();
  }

  @Test
  void whatAClientHasShownIsNotKeptForItsNextConnection() throws Exception {
    for (var server : List.of(server(SslProvider.OPENSSL), TunnelTls.serverOfAnybody(self()))) {
      assertThat(((OpenSslSessionContext) server.sessionContext()).isSessionCacheEnabled())
          .isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ec -pkeyopt ec_paramgen_curve:P-521"})
  void keysThatOpenSslDoesNotTakeAreLeftToTheJdk(String key, @TempDir Path folder)
      throws Exception {
    Openssl.in(folder).run("req -x509 -nodes -subj /CN=a -keyout key -out crt -newkey " + key);
    var theirs = PemFiles.certificates(folder.resolve("crt"))[0];

    assertThat(TunnelTls.server(self(), clients(), theirs)).isNotInstanceOf(OpenSslContext.class);
    assertThat(
            TunnelTls.serverOfAnybody(new Credential(PemFiles.key(folder.resolve("key")), theirs)))
        .isNotInstanceOf(OpenSslContext.class);
  }

  private Credential client() {
    return issuer(NOW).leaf(Leaf.CLIENT, authority.certificate(), authority.key());
  }

  private SslContext server(SslProvider provider) throws Exception {
    return TunnelTls.server(provider, self(), clients());
  }

  private Credential self() {
    return issuer(NOW).leaf(Leaf.SERVER, authority.certificate(), authority.key());
  }

  private ClientTrust clients() {
    return new ClientTrust(authority.certificate(), NOW);
  }

  private SslContextBuilder ofAuthority() {
    var self = client();
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .keyManager(self.key(), self.certificate())
        .trustManager(authority.certificate());
  }

  private static SslContextBuilder trustingAll() {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .endpointIdentificationAlgorithm(null);
  }

  private static CertificateIssuer issuer(Clock clock) {
    return new CertificateIssuer(clock, YEAR);
  }

  private static Throwable deepest(Throwable failure) {
    var cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
